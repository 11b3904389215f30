import pg from 'pg';
import type { Store } from '../../../sandbox/lib/store.ts';
import type { World } from './world.ts';

/** Collection → id → JSON. */
type Held = Map<string, Map<string, string>>;

/** What the world was at some time, inside and outside. */
export interface Memory {
  stores: Map<string, Held>;
  /** By zone, name and type. */
  rrsets: Map<string, Rrset>;
  /** Statements that make our database what it was, and that of the mail host. */
  rows: string;
  mailRows: string;
}

interface Rrset {
  zone: string;
  name: string;
  type: string;
  ttl: number;
  records: { content: string }[];
}

/** Those whose whole state is in their store. PowerDNS has an index beside it, so that its acts are used instead. */
const PLAIN = ['proxmox', 'registrar', 'acme', 'stripe', 'mail'] as const;

/** Whatever a run may write; children before parents. */
const TABLES = [
  'guardian_remediation', 'guardian_finding', 'guardian_scan', 'guardian_instance', 'api_key',
  'drift_finding', 'drift_check', 'idempotency_key', 'refund', 'payment', 'checkout_session', 'stripe_event', 'invoice_line', 'invoice', 'notification', 'job_step', 'job', 'outbox',
  'audit_event', 'audit_head', 'system_event', 'certificate', 'acme_account', 'mailbox', 'email_domain', 'dns_record', 'dns_zone', 'domain', 'instance_addon',
  'instance', 'subscription', 'order_item', 'coupon_use', 'orders', 'secret', 'clone_line', 'vat_check', 'tax_rate', 'customer', 'tenant',
]; // biome-ignore format: a list
const MAIL_TABLES = ['virtual_aliases', 'virtual_mailboxes', 'virtual_domains', 'maildir_trash'];
/** To go back is no change that anybody made: the triggers are to tell of none. */
const [UNTOLD, TOLD] = ['replica', 'origin'].map((role) => `set session_replication_role = ${role}`);
/** Too long to be written anew each time: only what is held of them. */
const POOLS = { vmid_slot: 'vmid', ip_address: 'address' };

export async function memorize(world: World): Promise<Memory> {
  const pools = await Promise.all(Object.entries(POOLS).map(([table, key]) => poolOf(world, table, key)));
  return {
    stores: new Map(PLAIN.map((name) => [name, held(world.self(name).store)])),
    rrsets: rrsetsOf(world),
    rows: [UNTOLD, await dump(world.rows, TABLES), ...pools, TOLD].join(';\n'),
    mailRows: await dump(world.mailRows, MAIL_TABLES),
  };
}

export async function recall(world: World, memory: Memory): Promise<void> {
  await Promise.all([world.rows(memory.rows), world.mailRows(memory.mailRows), recallGuests(world, memory)]);
  await recallZones(world, memory);
}

type Ask = World['rows'];

async function dump(ask: Ask, tables: readonly string[]): Promise<string> {
  const inserts: string[] = [];
  for (const table of tables.toReversed()) {
    const [row] = await ask<{ all: string | null; columns: string }>(
      `select (select json_agg(${table})::text from ${table}) as all, string_agg(quote_ident(attname), ', ') as columns
       from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    );
    if (row?.all)
      inserts.push(
        `insert into ${table} (${row.columns}) select ${row.columns} from json_populate_recordset(null::${table}, ${pg.escapeLiteral(row.all)})`,
      );
  }
  return [...tables.map((table) => `delete from ${table}`), ...inserts].join(';\n');
}

async function poolOf({ rows }: World, table: string, key: string): Promise<string> {
  const own = await rows<{ key: string; id: string; item: string | null }>(
    `select ${key}::text as key, instance_id as id, to_jsonb(${table})->>'order_item_id' as item from ${table} where instance_id is not null`,
  );
  const extra = (item: string | null) => (item ? `, order_item_id = '${item}'` : '');
  const [free, foreign] =
    table === 'vmid_slot' ? [', "foreign" = false', ' or "foreign"'] : [', order_item_id = null', ''];
  return [
    // Free the longest, they are the next to be taken, as they were before.
    `update ${table} set instance_id = null, free_from = 'epoch'${free} where instance_id is not null or free_from > now()${foreign}`,
    ...own.map(
      ({ key: value, id, item }) => `update ${table} set instance_id = '${id}'${extra(item)} where ${key} = '${value}'`,
    ),
  ].join(';\n');
}

function held(store: Store): Held {
  const all: Held = new Map();
  for (const { collection, id, json } of store.db.prepare('SELECT collection, id, json FROM kv').all()) {
    const rows = all.get(String(collection)) ?? new Map<string, string>();
    all.set(String(collection), rows.set(String(id), String(json)));
  }
  return all;
}

/** By acts first: a guest that is gone takes its listener with it, and one that is back shows it again. */
async function recallGuests(world: World, { stores }: Memory): Promise<void> {
  const { state, acts = {} } = world.running('proxmox');
  const guests = stores.get('proxmox')?.get('proxmox.guests');
  for (const { vmid } of (state() as { guests: { vmid: string }[] }).guests)
    if (!guests?.has(vmid)) await acts['destroy-guest']?.({ vmid });
  for (const name of PLAIN) restore(world.self(name).store, stores.get(name)!);
  for (const vmid of guests?.keys() ?? []) await acts['set-config']?.({ vmid, config: {} });
}

function restore(store: Store, then: Held): void {
  const now = held(store);
  for (const name of new Set([...now.keys(), ...then.keys()])) {
    const [was, is] = [then.get(name), now.get(name)];
    const collection = store.collection<unknown>(name);
    for (const id of is?.keys() ?? []) if (!was?.has(id)) collection.delete(id);
    for (const [id, json] of was ?? []) if (is?.get(id) !== json) collection.set(id, JSON.parse(json));
  }
}

function rrsetsOf(world: World): Map<string, Rrset> {
  const zones = world.running('powerdns').state() as { name: string; rrsets: Omit<Rrset, 'zone'>[] }[];
  return new Map(
    zones.flatMap((zone) =>
      zone.rrsets.map((rrset) => [`${zone.name} ${rrset.name} ${rrset.type}`, { ...rrset, zone: zone.name }] as const),
    ),
  );
}

/** No act makes one: the API does. */
async function createZone({ config }: World, name: string): Promise<void> {
  const response = await fetch(`${config.POWERDNS_URL}/api/v1/servers/localhost/zones`, {
    method: 'POST',
    headers: { 'x-api-key': String(config.POWERDNS_API_KEY), 'content-type': 'application/json' },
    body: JSON.stringify({ name, kind: 'Native', nameservers: [] }),
  });
  if (!response.ok) throw new Error(`zone ${name} could not be made again: ${await response.text()}`);
}

async function recallZones(world: World, { rrsets }: Memory): Promise<void> {
  const { acts = {} } = world.running('powerdns');
  const now = rrsetsOf(world);
  const kept = new Set([...rrsets.values()].map(({ zone }) => zone));
  for (const zone of new Set([...now.values()].map(({ zone }) => zone)))
    if (!kept.has(zone)) await acts['delete-zone']?.({ zone });
  for (const [key, { zone, name, type }] of now)
    if (kept.has(zone) && !rrsets.has(key)) await acts['delete-record']?.({ zone, name, type });
  const there = new Set([...now.values()].map(({ zone }) => zone));
  for (const zone of kept) if (!there.has(zone)) await createZone(world, zone);
  for (const [key, { zone, name, type, ttl, records }] of rrsets) {
    if (type === 'SOA' || JSON.stringify(now.get(key)?.records) === JSON.stringify(records)) continue;
    await acts['set-record']?.({ zone, name, type, ttl, contents: records.map(({ content }) => content) });
  }
}
