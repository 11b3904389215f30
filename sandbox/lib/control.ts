import type { NewFault } from './faults.ts';
import { type Call, type Reply, serveHttp } from './http.ts';
import { type Running, type StandIn, standIn } from './stand-in.ts';
import { Store } from './store.ts';

export type Part = { self: StandIn; running: Running };

/**
 * The control port of the sandbox, for tests, the demo and curious people:
 * GET /                            the parts and their addresses
 * GET /<part>/state                everything the part holds
 * GET /<part>/requests?since&match&limit   its request log
 * GET|POST|DELETE /<part>/faults   list, set (a NewFault), clear; DELETE /<part>/faults/<id> removes one
 * POST /<part>/act/<verb>          make something happen behind mpanel's back
 */
export function serveControl(parts: Map<string, Part>, at: { host: string; port: number }) {
  return serveHttp(standIn('control', new Store(':memory:')), at, async (call) => {
    const [name, what, item] = call.path.split('/').slice(1).map(decodeURIComponent);
    if (!name) return { status: 200, body: index(parts) };
    const part = parts.get(name);
    if (!part) return { status: 404, body: { error: `no part '${name}'; there are ${[...parts.keys()].join(', ')}` } };
    switch (what) {
      case 'state':
        return { status: 200, body: await part.running.state() };
      case 'requests':
        return { status: 200, body: part.self.log.list(page(call)) };
      case 'faults':
        return faults(part.self, call, item);
      case 'act':
        return act(part, item ?? '', call);
      default:
        return { status: 404, body: { error: 'state, requests, faults or act' } };
    }
  });
}

function index(parts: Map<string, Part>) {
  return Object.fromEntries(
    [...parts].map(([name, { running }]) => [name, { urls: running.urls, acts: Object.keys(running.acts ?? {}) }]),
  );
}

function page(call: Call) {
  return {
    since: Number(call.query.get('since') ?? 0),
    match: call.query.get('match') ?? '',
    limit: Number(call.query.get('limit') ?? 1000),
  };
}

function faults(self: StandIn, call: Call, id: string | undefined): Reply {
  if (call.method === 'GET') return { status: 200, body: self.faults.list() };
  if (call.method === 'POST')
    return { status: 201, body: self.faults.add(JSON.parse(call.body.toString('utf8')) as NewFault) };
  if (id) return { status: self.faults.remove(id) ? 204 : 404 };
  self.faults.clear();
  return { status: 204 };
}

async function act(part: Part, verb: string, call: Call): Promise<Reply> {
  const run = part.running.acts?.[verb];
  if (!run) return { status: 404, body: { error: `acts: ${Object.keys(part.running.acts ?? {}).join(', ')}` } };
  const body = call.body.length ? (JSON.parse(call.body.toString('utf8')) as Record<string, unknown>) : {};
  return { status: 200, body: (await run(body)) ?? null };
}
