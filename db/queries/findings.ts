import type { EntityManager } from '@mikro-orm/postgresql';
import { DRIFT, type DriftKind, type DriftSystem } from '../../core/drift.ts';
import { JOB_ENDED } from '../../core/states.ts';
import { newId } from '../../runtime/ids.ts';
import { SIGNALS } from '../../workflows/catalog.ts';
import { DriftCheck, Finding, Job } from '../entities/index.ts';
import { audit } from './audit.ts';
import { get, set } from './entity.ts';
import { startJob } from './jobs.ts';
import { enqueueSignal } from './outbox.ts';
import { lockRow, sql } from './rows.ts';
import { recordSystemEvent } from './system-events.ts';

export type FoundDifference = Pick<Finding, 'kind' | 'subject' | 'text' | 'evidence'> & {
  /** Null: nobody's resource is concerned, the platform is told. */
  tenantId: string | null;
  resourceId: string | null;
};

export function openFindings(em: EntityManager, system: DriftSystem, limit: number): Promise<Finding[]> {
  return em.find(Finding, { system, state: 'open' }, { orderBy: { lastSeenAt: 'asc', id: 'asc' }, limit });
}

/** Writes a difference down: a new finding with the job that shows it, or the open one seen again. Answers whether it is new. */
export async function keepFinding(em: EntityManager, found: FoundDifference): Promise<boolean> {
  const { kind, subject, resourceId, text, evidence } = found;
  const known = await set(em, Finding, { kind, subject, state: 'open' }, { lastSeenAt: new Date(), text, evidence });
  if (known) return false;
  const id = newId();
  const tenantId = found.tenantId ?? (await platformTenant(em));
  const { job } = startJob(em, { type: 'drift', tenantId, targetId: id });
  em.persist(
    em.create(Finding, {
      ...{ id, tenantId, system: DRIFT[kind].system, kind, subject, resourceId, text, evidence, jobId: job.id },
    }),
  );
  await recordSystemEvent(em, {
    type: 'drift.found',
    level: 'warning',
    key: id,
    message: text,
    tenantId,
    data: { kind, subject },
  });
  return true;
}

/** Says that an open finding is about to be mended. False when it has ended. */
export async function beginMending(em: EntityManager, id: string): Promise<boolean> {
  return (await set(em, Finding, { id, state: 'open' }, { mendedAt: new Date() })) > 0;
}

/**
 * Ends an open finding, in a transaction; its job is woken to see that. False when it had ended before. Mended is also
 * what is found mended after the answer to the act, or our own note of it, was lost.
 */
export async function closeFinding(tx: EntityManager, id: string): Promise<boolean> {
  const finding = await lockRow(tx, Finding, { id, state: 'open' });
  if (!finding) return false;
  const { jobId, tenantId, kind, subject, system, resourceId, text } = finding;
  const state = finding.mendedAt ? 'repaired' : 'gone';
  await set(tx, Finding, { id }, { state, resolvedAt: new Date() });
  const { workflowId } = await get(tx, Job, jobId);
  enqueueSignal(tx, workflowId, SIGNALS.capacity, `closed/${id}`, []);
  await recordSystemEvent(tx, {
    ...{ type: `drift.${state}`, level: 'info', key: id, tenantId, data: { kind, subject } },
    message: `${text}: ${state === 'repaired' ? 'mended' : 'not so any more'}`,
  });
  if (state === 'repaired')
    audit(tx, {
      ...{ tenantId, action: 'drift.repaired', resourceType: 'drift', resourceId: resourceId ?? id },
      metadata: { system, kind, subject },
    });
  return true;
}

/** Whether something is being done to one of these, or was since a moment: what is then seen is no drift. */
export async function isInFlight(em: EntityManager, ids: string[], since: Date): Promise<boolean> {
  if (ids.length === 0) return false;
  const live = { status: { $nin: [...JOB_ENDED] } };
  return (await em.count(Job, { targetId: { $in: ids }, $or: [live, { endedAt: { $gte: since } }] })) > 0;
}

export async function noteCheck(
  em: EntityManager,
  check: { system: DriftSystem; ok: boolean; detail: string; checkedAt: Date },
): Promise<void> {
  await em.upsert(DriftCheck, { ...check, ...(check.ok ? { completedAt: new Date() } : {}) });
}

export const lastChecks = (em: EntityManager): Promise<DriftCheck[]> => em.find(DriftCheck, {});

export const lastCheck = (em: EntityManager, system: DriftSystem) => em.findOne(DriftCheck, { system });

/** Open findings by kind, for the metrics. */
export function countFindings(em: EntityManager): Promise<{ system: DriftSystem; kind: DriftKind; count: number }[]> {
  return sql(em, `select system, kind, count(*)::int as count from drift_finding where state = 'open' group by 1, 2`);
}

async function platformTenant(em: EntityManager): Promise<string> {
  const [row] = await sql<{ id: string }>(em, 'select id from tenant order by created_at, id limit 1');
  return row!.id;
}
