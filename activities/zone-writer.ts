import type { EntityManager } from '@mikro-orm/postgresql';
import { type RecordRow, rrsetAt, rrsetsOf } from '../core/dns.ts';
import { ProviderError, type ProviderErrorKind } from '../core/errors.ts';
import type { DnsRecord, DnsZone } from '../db/entities/index.ts';
import {
  lockZone,
  type RrsetKey,
  recordsOf,
  type WantedRecord,
  wantRecords,
  zonesManagedBy,
} from '../db/queries/zone-records.ts';
import { asPlatform } from '../db/tenant-scope.ts';
import type { Rrset } from '../providers/powerdns/port.ts';
import { type Config, nameservers } from '../runtime/config.ts';
import type { Deps } from './deps.ts';
import { turns } from './turns.ts';

/** Of the pool's connections, those that may wait for PowerDNS. */
const SHARE = 1 / 4;
/** Well below the activities that a worker has under way at once (workers/tuning.ts). */
const IN_LINE = 20;
const WAIT_MS = 5_000;
const AGAIN_MS = 10_000;

/** One line for all that write in this process: the pool is its. */
const LINES = new WeakMap<Config, ReturnType<typeof turns>>();
function turnsOf(config: Config): ReturnType<typeof turns> {
  const there = LINES.get(config);
  if (there) return there;
  const line = turns({
    atOnce: Math.max(1, Math.floor(config.DATABASE_POOL * SHARE)),
    inLine: IN_LINE,
    waitMs: WAIT_MS,
    reason: 'the name server is slow, and others write to it first',
    againMs: AGAIN_MS * config.RETRY_SCALE,
  });
  LINES.set(config, line);
  return line;
}

const HOUSE_ZONES = 'a tenant’s guests have names in zones of the house';

/** Makes PowerDNS follow the record rows. The rows are committed first; a lost answer is repeated, REPLACE is idempotent. */
export function zoneWriter(deps: Deps) {
  const inTurn = turnsOf(deps.config);

  /** The only one to write into the zone, with a connection for as long as PowerDNS takes. */
  function alone(zone: DnsZone, work: (tx: EntityManager) => Promise<void>): Promise<void> {
    return inTurn(() =>
      deps.em().transactional(async (tx) => {
        await lockZone(tx, zone.id);
        await work(tx);
      }),
    );
  }

  /** Writes these rrsets as the rows have them now; one without rows goes. */
  async function write(zone: DnsZone, keys: RrsetKey[]): Promise<void> {
    if (keys.length === 0) return;
    await alone(zone, async (tx) => {
      const rows = await recordsOf(tx, zone.id, keys);
      const unique = [...new Map(keys.map((key) => [`${key.name} ${key.type}`, key])).values()];
      await send(
        tx,
        zone,
        unique.map((key) => rrsetAt(zone.name, rows.map(plain), key)),
      );
    });
  }

  /** A zone that somebody deleted behind us is made again, whole, from its rows. */
  async function send(tx: EntityManager, zone: DnsZone, rrsets: Rrset[]): Promise<void> {
    try {
      await replace(zone, rrsets);
    } catch (error) {
      if (!isKind(error, 'absent')) throw error;
      await makeEqual(tx, zone);
    }
  }

  /** PowerDNS voids a change of which it refuses a part: then all are tried one by one, so that the others are written. */
  async function replace(zone: DnsZone, rrsets: Rrset[]): Promise<void> {
    try {
      await deps.powerdns.replaceRrsets(zone.name, rrsets);
    } catch (error) {
      if (!isKind(error, 'refused') || rrsets.length === 1) throw error;
      const refusals: unknown[] = [];
      for (const rrset of rrsets)
        await deps.powerdns.replaceRrsets(zone.name, [rrset]).catch((refusal: unknown) => {
          if (!isKind(refusal, 'refused')) throw refusal;
          refusals.push(refusal);
        });
      if (refusals.length > 0) throw refusals[0];
    }
  }

  async function makeEqual(tx: EntityManager, zone: DnsZone): Promise<void> {
    const wanted = rrsetsOf(zone.name, (await recordsOf(tx, zone.id)).map(plain));
    await deps.powerdns.ensureZone(zone.name, nameservers(deps.config));
    const there = (await deps.powerdns.readZone(zone.name)) ?? [];
    const apexNs = (rrset: { name: string; type: string }) => rrset.type === 'NS' && rrset.name === `${zone.name}.`;
    const known = (rrset: { name: string; type: string }) =>
      wanted.some((want) => want.name === rrset.name && want.type === rrset.type);
    const surplus = there
      .filter((rrset) => !apexNs(rrset) && !known(rrset))
      .map((rrset) => ({ ...rrset, contents: [] }));
    const changed = wanted.filter((want) => !there.some((rrset) => deps.powerdns.same(want, rrset)));
    await replace(zone, [...changed, ...surplus]);
  }

  async function want(zone: DnsZone, managedBy: string, records: WantedRecord[]): Promise<void> {
    const keys = await deps.em().transactional((tx) => wantRecords(tx, zone, managedBy, records));
    await write(zone, keys);
  }

  async function withdraw(managedBy: string): Promise<void> {
    for (const zone of await zonesManagedBy(deps.em(), managedBy)) {
      // Rows go after the name server has let go: until then they tell what is still to be taken out.
      const rows = await deps
        .em()
        .transactional(async (tx) => (await recordsOf(tx, zone.id)).filter((row) => row.managedBy === managedBy));
      await removeRrsets(zone, managedBy, rows);
      await deps.em().transactional((tx) => wantRecords(tx, zone, managedBy, []));
    }
  }

  return {
    /** Replaces what `managedBy` needs in a zone by these records. */
    want: (zone: DnsZone, managedBy: string, records: WantedRecord[]) =>
      asPlatform(HOUSE_ZONES, () => want(zone, managedBy, records)),

    /** Takes everything of `managedBy` out of every zone. */
    withdraw: (managedBy: string) => asPlatform(HOUSE_ZONES, () => withdraw(managedBy)),

    /** Makes a whole zone equal to its rows: what is missing or different is written, what is foreign goes. */
    async converge(zone: DnsZone): Promise<void> {
      await alone(zone, (tx) => makeEqual(tx, zone));
    },
  };

  async function removeRrsets(zone: DnsZone, managedBy: string, going: RrsetKey[]): Promise<void> {
    if (zone.status === 'deleted' || going.length === 0) return;
    await alone(zone, async (tx) => {
      const staying = (await recordsOf(tx, zone.id, going)).filter((row) => row.managedBy !== managedBy);
      const unique = [...new Map(going.map(({ name, type }) => [`${name} ${type}`, { name, type }])).values()];
      const rrsets = unique.map((key) => rrsetAt(zone.name, staying.map(plain), key));
      await deps.powerdns.replaceRrsets(zone.name, rrsets).catch((error: unknown) => {
        // A zone that is gone holds nothing of ours; who writes into it next makes it again.
        if (!isKind(error, 'absent')) throw error;
      });
    });
  }
}

const isKind = (error: unknown, kind: ProviderErrorKind) => error instanceof ProviderError && error.kind === kind;

function plain({ type, name, ttl, content, priority }: DnsRecord): RecordRow {
  return { type, name, ttl, content, priority: priority ?? null };
}
