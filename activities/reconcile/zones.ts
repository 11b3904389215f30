import type { EntityManager } from '@mikro-orm/postgresql';
import { type RecordRow, type Rrset, rrsetsOf } from '../../core/dns.ts';
import type { DriftKind } from '../../core/drift.ts';
import { Certificate, type DnsRecord, DnsZone } from '../../db/entities/index.ts';
import { all, first, set } from '../../db/queries/entity.ts';
import { deletedZones, stalestZones, type ZoneLine, zoneLines } from '../../db/queries/estate.ts';
import { lockZone, recordsOf } from '../../db/queries/zone-records.ts';
import type { StepActivities } from '../../workflows/contract.ts';
import type { Deps } from '../deps.ts';
import type { Comparer, Held, Suspect } from './comparer.ts';

const BATCH = 500;

export interface RrsetDrift {
  kind: DriftKind;
  /** www.a.example. A */
  subject: string;
  wanted: Rrset | undefined;
  seen: Rrset | undefined;
}

/** How a zone at the name server differs from its records. The apex NS are the server's own. */
export function zoneDrift(
  zone: string,
  wanted: Rrset[],
  seen: Rrset[],
  same: (a: Rrset, b: Rrset) => boolean,
): RrsetDrift[] {
  const key = ({ name, type }: Rrset) => `${name.toLowerCase()} ${type}`;
  const [ours, theirs] = [wanted, seen].map((list) => new Map(list.map((rrset) => [key(rrset), rrset])));
  const found: RrsetDrift[] = [];
  for (const [subject, want] of ours ?? []) {
    const have = theirs?.get(subject);
    if (!have) found.push({ kind: 'record_missing', subject, wanted: want, seen: have });
    else if (!same(want, have) || want.ttl !== have.ttl)
      found.push({ kind: 'record_changed', subject, wanted: want, seen: have });
  }
  for (const [subject, have] of theirs ?? [])
    if (!ours?.has(subject) && subject !== `${zone}. NS`)
      found.push({ kind: 'record_foreign', subject, wanted: undefined, seen: have });
  return found;
}

const TEXT: Partial<Record<DriftKind, string>> = {
  record_missing: 'is not at the name server',
  record_changed: 'is another at the name server than here',
  record_foreign: 'is at the name server and in no record here',
};

export function zoneComparer(deps: Deps, { applyZone }: Pick<StepActivities, 'applyZone'>): Comparer {
  /** Zones whose serial and records are as they were when both were found equal are only read now and then. */
  async function* suspects(progress: { compared: number }): AsyncGenerator<Suspect> {
    const serials = new Map((await deps.powerdns.zones()).map(({ name, serial }) => [name, serial]));
    const stale = await stalestZones(deps.em(), deps.config.RECONCILE_READS);
    let reads = 2 * deps.config.RECONCILE_READS;
    for (let after: string | null = null; ; ) {
      const lines: ZoneLine[] = await zoneLines(deps.em(), after, BATCH);
      for (const line of lines) {
        const serial = serials.get(line.name);
        serials.delete(line.name);
        progress.compared++;
        if (serial === undefined) yield { kind: 'zone_missing', subject: line.name, resourceId: line.id };
        else if ((`${serial} ${line.digest}` !== line.compared || stale.has(line.id)) && reads-- > 0)
          yield* differing(line, serial);
      }
      if (lines.length < BATCH) break;
      after = lines.at(-1)?.id ?? null;
    }
    for (const { id, name } of await deletedZones(deps.em(), [...serials.keys()]))
      yield { kind: 'zone_left', subject: name, resourceId: id };
  }

  async function* differing(line: ZoneLine, serial: number): AsyncGenerator<Suspect> {
    const differences = await compare(deps.em(), line);
    for (const { kind, subject } of differences ?? []) yield { kind, subject, resourceId: line.id };
    // A zone that differs is compared in every cycle until it does not.
    const compared = differences?.length === 0 ? `${serial} ${line.digest}` : null;
    await set(deps.em(), DnsZone, { id: line.id }, { compared, comparedAt: new Date() });
  }

  /** Undefined when the name server has no such zone. */
  async function compare(em: EntityManager, zone: Pick<DnsZone, 'id' | 'name'>): Promise<RrsetDrift[] | undefined> {
    const seen = await deps.powerdns.readZone(zone.name);
    if (!seen) return undefined;
    const rows = await recordsOf(em, zone.id);
    return zoneDrift(zone.name, rrsetsOf(zone.name, rows.map(plain)), seen, deps.powerdns.same);
  }

  /** With the zone's lock in hand, so that nobody is half-way through writing it. */
  function again({ kind, subject, resourceId }: Suspect): Promise<Held | undefined> {
    return deps.em().transactional(async (tx) => {
      const zone = await first(tx, DnsZone, { id: resourceId ?? '' });
      if (!zone) return undefined;
      await lockZone(tx, zone.id);
      if (kind === 'zone_left') return left(zone);
      if (zone.status !== 'active') return undefined;
      const differences = await compare(tx, zone);
      const own = { kind, subject, resourceId: zone.id, tenantId: zone.tenantId };
      if (kind === 'zone_missing')
        return differences
          ? undefined
          : {
              ...own,
              text: `Zone ${zone.name} is not at the name server`,
              evidence: {},
              touching: await touching(tx, zone),
            };
      const difference = differences?.find((one) => one.kind === kind && one.subject === subject);
      if (!difference) return undefined;
      return {
        ...own,
        text: `${subject} ${TEXT[kind]}`,
        evidence: { wanted: difference.wanted ?? null, seen: difference.seen ?? null },
        touching: await touching(tx, zone, subject),
      };
    });
  }

  async function left(zone: DnsZone): Promise<Held | undefined> {
    const [gone] = await deletedZones(deps.em(), [zone.name]);
    if (gone?.id !== zone.id || !(await deps.powerdns.readZone(zone.name))) return undefined;
    return {
      ...{ kind: 'zone_left' as const, subject: zone.name, resourceId: zone.id, tenantId: zone.tenantId, evidence: {} },
      text: `Zone ${zone.name} is still at the name server though it was deleted here`,
      touching: [zone.id, ...(zone.domainId ? [zone.domainId] : [])],
    };
  }

  return {
    system: 'powerdns',
    suspects,
    again,
    repairs: {
      zone_missing: (ref) => applyZone(ref),
      record_missing: (ref) => applyZone(ref),
      record_changed: (ref) => applyZone(ref),
      record_foreign: (ref) => applyZone(ref),
    },
  };
}

/** Whose jobs may be changing the zone, or this name and type of it: its own, its domain's, and those of what needs the records. */
async function touching(em: EntityManager, zone: DnsZone, subject?: string): Promise<string[]> {
  const rows = await recordsOf(em, zone.id);
  const named = rrsetsOf(zone.name, rows.map(plain)).filter((one) => `${one.name} ${one.type}` === subject);
  const owners = rows
    .filter((row) =>
      named.some((one) => one.type === row.type && one.name.startsWith(row.name === '@' ? zone.name : `${row.name}.`)),
    )
    .flatMap(({ managedBy }) => managedBy?.split('/')[1] ?? []);
  const certificates = await all(em, Certificate, { id: { $in: owners } });
  const targets = certificates.flatMap(({ targetId }) => targetId ?? []);
  return [zone.id, ...(zone.domainId ? [zone.domainId] : []), ...owners, ...targets];
}

function plain({ type, name, ttl, content, priority }: DnsRecord): RecordRow {
  return { type, name, ttl, content, priority: priority ?? null };
}
