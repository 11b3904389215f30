import { AppError, notFound } from '../../../core/app-error.ts';
import { absoluteName, recordProblem, zoneProblem } from '../../../core/dns.ts';
import { DnsRecord, type DnsZone, type Job } from '../../../db/entities/index.ts';
import { relativeName } from '../../../db/queries/zone-records.ts';
import { allRecords, findRecord, lockZone } from '../../../db/queries/zones.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { type Change, change, given } from '../change.ts';
import { requireState } from '../idle.ts';

export interface RecordWish {
  type: string;
  name: string;
  content: string;
  ttl: number;
  priority: number | null;
}

type Changes = { [K in keyof RecordWish]?: RecordWish[K] | undefined };

/** The rows are the truth; the job makes the name server follow. */
export interface RecordChange {
  record: DnsRecord;
  job: Job;
}

export function createRecord(ctx: Context, zoneId: string, wish: RecordWish): Promise<RecordChange> {
  return inZone(ctx, zoneId, async (tx, zone) => {
    const record = tx.em.create(DnsRecord, {
      id: newId(),
      tenantId: zone.tenantId,
      zoneId,
      createdAt: new Date(),
      ...checked(zone, wish),
    });
    await checkZone(tx, zone, record);
    tx.audit('dns_record.created', record.id, { zone: zone.name, name: record.name, type: record.type });
    return { record, job: apply(tx, zone) };
  });
}

export function updateRecord(ctx: Context, zoneId: string, id: string, changes: Changes): Promise<RecordChange> {
  return inZone(ctx, zoneId, async (tx, zone) => {
    const record = await editable(tx, zone, id);
    const { type, name, content, ttl, priority } = record;
    const wish = { type, name, content, ttl, priority: priority ?? null, ...given(changes) };
    tx.em.assign(record, checked(zone, wish));
    await checkZone(tx, zone, record);
    tx.audit('dns_record.updated', id, { zone: zone.name, before: { type, name, content } });
    return { record, job: apply(tx, zone) };
  });
}

export function deleteRecord(ctx: Context, zoneId: string, id: string): Promise<Job> {
  return inZone(ctx, zoneId, async (tx, zone) => {
    const record = await editable(tx, zone, id);
    tx.em.remove(record);
    const { type, name, content } = record;
    tx.audit('dns_record.deleted', id, { zone: zone.name, before: { type, name, content } });
    return apply(tx, zone);
  });
}

/** The zone's row is locked, so that records are judged beside all the others there are. */
function inZone<T>(ctx: Context, zoneId: string, work: (tx: Change, zone: DnsZone) => Promise<T>): Promise<T> {
  return change(ctx, async (tx) => {
    const zone = seen(ctx, await lockZone(tx.em, ctx.scope, zoneId));
    requireState(zone.status, ['active']);
    return work(tx, zone);
  });
}

async function editable({ em }: Change, zone: DnsZone, id: string): Promise<DnsRecord> {
  const record = await findRecord(em, zone.id, id);
  if (!record) throw notFound();
  if (record.managedBy) throw new AppError('RECORD_MANAGED', `The platform keeps this record for ${record.managedBy}.`);
  return record;
}

/** A record by itself, its name in one form: relative to the zone, lower case. */
function checked(zone: DnsZone, wish: RecordWish): RecordWish {
  const problem = recordProblem(zone.name, wish);
  if (problem) throw new AppError('VALIDATION_FAILED', problem);
  return { ...wish, name: relativeName(absoluteName(zone.name, wish.name).slice(0, -1), zone.name) };
}

async function checkZone({ em }: Change, zone: DnsZone, changed: DnsRecord): Promise<void> {
  const others = (await allRecords(em, zone.id)).filter((row) => row.id !== changed.id);
  const problem = zoneProblem(
    zone.name,
    [...others, changed].map((row) => ({ ...row, priority: row.priority ?? null })),
  );
  if (problem) throw new AppError('CONFLICT', problem);
}

const apply = (tx: Change, zone: DnsZone): Job =>
  tx.start({ type: 'dns_apply', targetId: zone.id, customerId: zone.customerId ?? null });
