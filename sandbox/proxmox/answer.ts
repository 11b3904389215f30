import { setTimeout as wait } from 'node:timers/promises';
import type { Call, Reply } from '../lib/http.ts';
import { identify, LOGIN } from './access.ts';
import type { Raw } from './check.ts';
import { PveError, paramError } from './error.ts';
import { move } from './migrate.ts';
import { decodeParams } from './params.ts';
import { strikes } from './playing.ts';
import { routes } from './routes.ts';
import { endpoints } from './schema.ts';
import type { Token } from './things.ts';
import { findEndpoint, validate } from './validate.ts';
import type { Context, Params, World } from './world.ts';

const BASE = '/api2/json';
const LARGEST = 512 * 1024;
/** Who asks for a ticket has no rights yet. */
const NOBODY: Token = { id: '', secret: '', rights: 'none' };

/** Answers that PVE gives before it looks at the API: a status line without a body. */
const bare = (status: number, reason: string): Reply => ({
  status,
  reason,
  headers: { 'content-type': 'application/json;charset=UTF-8' },
});

/** The whole way of a call through pveproxy and pvedaemon. */
export async function answer(world: World, call: Call, operation: string): Promise<Reply> {
  const caller = `${call.method} ${call.path}` === LOGIN.replace(' ', ` ${BASE}`) ? NOBODY : identify(world, call);
  if (typeof caller === 'string') {
    await wait(3000 * world.speed);
    return bare(401, caller);
  }
  const refused = refuseBody(call);
  if (refused) return refused;
  if (!call.path.startsWith(`${BASE}/`)) return bare(404, `no such file '${call.path}'`);
  try {
    return { status: 200, body: { data: await run(world, call, caller, operation) } };
  } catch (error) {
    if (!(error instanceof PveError)) throw error;
    if (error.status === 401) await wait(3000 * world.speed);
    return failure(error);
  }
}

function failure({ status, message, errors }: PveError): Reply {
  const reason = message.replaceAll('\n', ' ').trim();
  return {
    status,
    reason,
    body: { data: null, message: `${message.replace(/\n$/, '')}\n`, ...(errors ? { errors } : {}) },
  };
}

function refuseBody({ method, headers, body }: Call): Reply | undefined {
  if (headers['transfer-encoding']) return bare(501, 'chunked transfer encoding not supported');
  if (body.length === 0) return undefined;
  if (method !== 'POST' && method !== 'PUT') return bare(501, `Unexpected content for method '${method}'`);
  if (body.length > LARGEST) return bare(501, 'for data too large');
  const type = headers['content-type']?.split(';')[0]?.trim() ?? 'application/x-www-form-urlencoded';
  const known = type === 'application/x-www-form-urlencoded' || type === 'application/json';
  return known ? undefined : bare(506, `Content-Type '${type}' not supported`);
}

async function run(world: World, call: Call, token: Token, operation: string): Promise<unknown> {
  const path = call.path.slice(BASE.length);
  const found = findEndpoint(call.method, path);
  if (!found) throw new PveError(`Method '${call.method} ${decodeURIComponent(path)}' not implemented`, 501);
  const { name, uri } = found;
  const sent = decodeParams(name, call.query.toString(), call.body.toString('utf8'), call.headers['content-type']);
  const params = merge(uri, sent);
  permit(world, token, name, params);
  proxy(world, params.node, operation);
  const errors = validate(name, params);
  if (errors) throw paramError(errors);
  world.settle();
  const context: Context = { world, user: token.id, operation };
  playBefore(context, call.method, params);
  const data = await routes[name]?.(context, plain(params));
  if (world.faults.switched('proxy-timeout-596', operation)) throw new PveError('Connection timed out', 596);
  return data;
}

function merge(uri: Record<string, string>, sent: Record<string, Raw>): Record<string, Raw> {
  const conflict = Object.keys(uri).find((key) => sent[key] !== undefined && sent[key] !== uri[key]);
  if (conflict)
    throw paramError({ [conflict]: 'duplicate parameter (already defined in URI) with conflicting values!' });
  return { ...uri, ...sent };
}

/** Rights come before existence: who may nothing learns nothing. */
function permit({ version }: World, { rights }: Token, name: string, params: Record<string, Raw>): void {
  if (rights === 'all' || (rights === 'read' && name.startsWith('GET '))) return;
  const [path, privilege] = endpoints.get(name)?.perm ?? (params.vmid ? ['/vms/{vmid}', 'VM.Allocate'] : []);
  if (!path || !privilege) return;
  const filled = path.replace(/\{(\w+)\}/g, (_all, key: string) => String(params[key] ?? ''));
  const asked = version === '8.4' && privilege.startsWith('VM.GuestAgent.') ? 'VM.Monitor' : privilege;
  throw new PveError(`Permission check failed (${filled}, ${asked})`, 403);
}

/** Pseudo-statuses of the proxying node: the call never reached its node. */
function proxy(world: World, node: Raw | undefined, operation: string): void {
  if (typeof node !== 'string') return;
  const mine = (data: unknown) => ((data as { node?: string } | undefined)?.node ?? node) === node;
  if (strikes(world.faults, 'node-down', operation, mine)) throw new PveError('No route to host', 595);
  if (world.nodes.has(node)) return;
  if (node.includes('.')) throw new PveError('tls_process_server_certificate: certificate verify failed', 596);
  if (/^[a-zA-Z0-9-]+$/.test(node)) throw new PveError('Name or service not known', 595);
}

function playBefore({ world, operation }: Context, method: string, params: Record<string, Raw>): void {
  if (method !== 'GET' && world.faults.switched('quorum-lost', operation))
    throw new PveError('cluster not ready - no quorum?');
  const moves = typeof params.vmid === 'string' && world.faults.switched('guest-moves', operation);
  const other = world.nodes.values().find(({ node }) => node !== params.node)?.node;
  if (moves && other) move(world, String(params.vmid), other);
}

function plain(params: Record<string, Raw>): Params {
  const text = (value: Raw): string => (typeof value === 'boolean' ? (value ? '1' : '0') : String(value));
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, Array.isArray(value) ? value.map(text) : text(value)]),
  );
}
