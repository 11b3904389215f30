import type { EntityManager } from '@mikro-orm/postgresql';
import type { Parcel } from '../../runtime/engine.ts';
import { newId } from '../../runtime/ids.ts';
import { type JobInput, jobSummary, jobWorkflowId, type SignalName } from '../../workflows/catalog.ts';
import { Outbox } from '../entities/index.ts';
import { tenantScope } from '../tenant-scope.ts';

/** The writer sends its own rows right after its commit; the dispatcher leaves them alone until then. */
const HEAD_START_MS = 2_000;

/**
 * Start of a job's workflow, in the caller's transaction. Answers the row's id, for sending it after the commit.
 * @param anew the event by which it begins once more, its run having been ended by force
 */
export function enqueueStart(em: EntityManager, job: JobInput, anew?: string): string {
  const workflowId = jobWorkflowId(job);
  return put(em, {
    workflowId,
    kind: 'start',
    eventId: anew ?? job.type,
    name: job.type,
    args: [job],
    options: { summary: jobSummary(job), type: job.type, ...(anew ? { anew: true } : {}) },
  });
}

/** As the engine is handed it. */
export function parcelOf({ workflowId, kind, name, args, options }: Outbox): Parcel {
  const { summary, anew } = (options ?? {}) as Pick<Parcel, 'summary' | 'anew'>;
  return { workflowId, kind, name, args, summary, anew };
}

/** Signal to a workflow, in the caller's transaction; the same event is sent to a workflow once. */
export function enqueueSignal(
  em: EntityManager,
  workflowId: string,
  name: SignalName,
  eventId: string,
  args: unknown[],
): string {
  return put(em, { workflowId, kind: 'signal', eventId, name, args, options: null });
}

/** Whether a job was ever told this, or is about to be. Rows about a job that goes on are kept. */
export async function wasTold(em: EntityManager, workflowId: string, name: SignalName): Promise<boolean> {
  return (await em.count(Outbox, { workflowId, kind: 'signal', name })) > 0;
}

function put(
  em: EntityManager,
  row: Pick<Outbox, 'workflowId' | 'kind' | 'eventId' | 'name' | 'args' | 'options'>,
): string {
  const id = newId();
  const scope = tenantScope();
  const tenantId = typeof scope === 'string' ? null : scope.tenantId;
  em.persist(em.create(Outbox, { id, tenantId, ...row, nextAt: new Date(Date.now() + HEAD_START_MS) }));
  return id;
}

/**
 * Rows that are due, locked against other dispatchers until the transaction ends. No signal before the start of its own
 * workflow is sent: it would find nobody, and count as told to nobody.
 */
export async function claimDue(em: EntityManager, limit: number): Promise<Outbox[]> {
  const rows = await em.getConnection().execute<{ id: string }[]>(
    `select id from outbox where state = 'pending' and next_at <= now() and (kind = 'start' or not exists (
         select from outbox begun
         where begun.workflow_id = outbox.workflow_id and begun.kind = 'start' and begun.state = 'pending'))
       order by id limit ? for update skip locked`,
    [limit],
    'all',
    em.getTransactionContext(),
  );
  if (!rows.length) return [];
  return em.find(Outbox, { id: { $in: rows.map((row) => row.id) } }, { orderBy: { id: 'asc' } });
}

export function findOutbox(em: EntityManager, ids: string[]): Promise<Outbox[]> {
  return em.find(Outbox, { id: { $in: ids }, state: 'pending' }, { orderBy: { id: 'asc' } });
}

export async function markSent(em: EntityManager, id: string): Promise<void> {
  await em.nativeUpdate(Outbox, { id }, { state: 'sent', error: null });
}

/** Not sent: due again after a growing wait, up to a minute. */
export async function markFailed(em: EntityManager, row: Outbox, error: string): Promise<void> {
  const wait = Math.min(60_000, 500 * 2 ** Math.min(row.attempts, 10));
  await em.nativeUpdate(
    Outbox,
    { id: row.id },
    { attempts: row.attempts + 1, error, nextAt: new Date(Date.now() + wait) },
  );
}

/** Nobody is there to take it any more. Kept for operators. */
export async function markDead(em: EntityManager, id: string, error: string): Promise<void> {
  await em.nativeUpdate(Outbox, { id }, { state: 'dead', error });
}

const MANY_ATTEMPTS = 5;

/** Starts that are older than a moment and were not tried since, or are tried in vain. */
export function staleStarts(em: EntityManager, before: Date): Promise<Outbox[]> {
  const vain = { $or: [{ nextAt: { $lt: before } }, { attempts: { $gte: MANY_ATTEMPTS } }] };
  const where = { kind: 'start' as const, state: 'pending' as const, createdAt: { $lt: before }, ...vain };
  return em.find(Outbox, where, { orderBy: { id: 'asc' }, limit: 100 });
}

/** Due once more, whatever became of them: a start that was made before changes nothing. */
export async function sendAgain(em: EntityManager, ids: string[]): Promise<void> {
  await em.nativeUpdate(Outbox, { id: { $in: ids } }, { state: 'pending', attempts: 0, nextAt: new Date() });
}
