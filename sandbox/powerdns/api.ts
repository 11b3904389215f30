import type { Call, Reply } from '../lib/http.ts';
import type { StandIn } from '../lib/stand-in.ts';
import { configured, createZone } from './create.ts';
import { parseDocument } from './document.ts';
import { inOtherForm, refuseOne, saveWithoutIsolation } from './misbehave.ts';
import { nameOfId } from './names.ts';
import { planPatch } from './patch.ts';
import { Refused, Status } from './refused.ts';
import { search } from './search.ts';
import { SERVER, showWholeZone, showZone } from './show.ts';
import type { Zone, Zones } from './zones.ts';

type Handler = (call: Call, zone: Zone) => Promise<Reply> | Reply;

const SERVER_INFO = {
  type: 'Server',
  id: 'localhost',
  daemon_type: 'authoritative',
  version: '4.7.3',
  url: SERVER,
  config_url: `${SERVER}/config{/config_setting}`,
  zones_url: `${SERVER}/zones{/zone}`,
};

/** The HTTP API of PowerDNS Authoritative 4.7 (doc/http-api), as far as a DNS hoster uses it. */
export function powerDnsApi(self: StandIn, zones: Zones, apiKey: string): (call: Call) => Promise<Reply> {
  const onServer: Record<string, (call: Call) => Reply> = {
    'GET ': () => ok(SERVER_INFO),
    'GET zones': (call) => ok(listZones(zones, call.query.get('zone'))),
    'POST zones': (call) => {
      const zone = createZone(zones, parseDocument(call.body), new Date());
      return { status: 201, body: showWholeZone(zones, zone, zones.rrsets(zone.name)) };
    },
    'GET search-data': (call) => ok(search(zones, call.query)),
  };
  const onZone: Record<string, Handler> = {
    'GET ': (call, zone) => ok(readZone(self, zones, zone, call)),
    'PATCH ': (call, zone) => patchZone(self, zones, zone, call),
    'PUT ': (call, zone) => {
      zones.save(configured(zone, parseDocument(call.body)), []);
      return { status: 204 };
    },
    'DELETE ': (_, zone) => {
      zones.delete(zone.name);
      return { status: 204 };
    },
    'PUT notify': () => ok({ result: 'Notification queued' }),
    'PUT rectify': () => ok({ result: 'Rectified' }),
    'GET cryptokeys': (_, zone) => ok(zone.keys),
  };

  async function route(call: Call): Promise<Reply> {
    if (call.headers['x-api-key'] !== apiKey) throw new Status(401);
    if (call.path !== SERVER && !call.path.startsWith(`${SERVER}/`)) throw new Status(404);
    const [resource = '', id, verb = ''] = call.path.slice(SERVER.length + 1).split('/');
    if (resource !== 'zones' || !id) return pick(onServer, call.method, resource)(call);
    const handler = pick(onZone, call.method, verb);
    const name = nameOfId(decodeURIComponent(id));
    // `zone-vanishes`: somebody deleted it behind us.
    if (self.faults.switched('zone-vanishes', `${call.method} ${call.path}`)) zones.delete(name);
    const zone = zones.get(name);
    if (!zone) throw new Status(404);
    return handler(call, zone);
  }
  return (call) => route(call).catch((error: unknown) => failure(error, call));
}

function pick<T>(handlers: Record<string, T>, method: string, what: string): T {
  const handler = handlers[`${method} ${what}`];
  if (handler) return handler;
  throw new Status(Object.keys(handlers).some((key) => key.endsWith(` ${what}`)) ? 405 : 404);
}

function listZones(zones: Zones, only: string | null) {
  const wanted = only === null ? zones.list() : zones.list().filter((zone) => zone.name === nameOfId(only));
  return wanted.map((zone) => showZone(zones, zone));
}

function readZone(self: StandIn, zones: Zones, zone: Zone, { query, path }: Call) {
  const [name, type] = [query.get('rrset_name'), query.get('rrset_type')];
  const rrsets = zones
    .rrsets(zone.name)
    .filter((rrset) => (name === null || rrset.name === nameOfId(name)) && (type === null || rrset.type === type));
  const shown = self.faults.switched('content-other-form', `GET ${path}`) ? rrsets.map(inOtherForm) : rrsets;
  const whole = showWholeZone(zones, zone, shown);
  if (query.get('rrsets') !== 'false') return whole;
  const { rrsets: _, ...rest } = whole;
  return rest;
}

async function patchZone(self: StandIn, zones: Zones, zone: Zone, call: Call): Promise<Reply> {
  const operation = `PATCH ${call.path}`;
  const document = parseDocument(call.body);
  refuseOne(self, operation, document);
  const changed = planPatch(zones, zone, document, new Date());
  if (self.faults.switched('parallel-patch-duplicates', operation)) await saveWithoutIsolation(zones, zone, changed);
  else zones.save(zone, changed);
  // `applied-then-500`
  if (self.faults.switched('applied-then-500', operation)) throw new Status(500);
  return { status: 204 };
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

const TEXTS: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  500: 'Internal Server Error',
};

/** 422 is always JSON; the other errors are plain text unless the client accepts JSON. */
function failure(error: unknown, call: Call): Reply {
  if (error instanceof Refused) return { status: 422, body: { error: error.message } };
  if (!(error instanceof Status)) throw error;
  const text = TEXTS[error.status] ?? '';
  const json = call.headers.accept?.includes('application/json');
  const challenge = error.status === 401 ? { 'www-authenticate': 'X-API-Key realm="PowerDNS"' } : {};
  if (json) return { status: error.status, headers: challenge, body: { error: text } };
  return { status: error.status, headers: { ...challenge, 'content-type': 'text/plain; charset=utf-8' }, body: text };
}
