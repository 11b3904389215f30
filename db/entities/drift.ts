import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { type DriftKind, type DriftSystem, FINDING_STATE } from '../../core/drift.ts';
import { createdAt, id } from './base.ts';
import { tenantId } from './tenant.ts';

/** A difference between our rows and an outside system. One per kind and subject is open at a time. */
export const Finding = defineEntity({
  name: 'Finding',
  tableName: 'drift_finding',
  indexes: [{ properties: ['tenantId', 'firstSeenAt', 'id'] }],
  uniques: [
    {
      name: 'drift_finding_open',
      expression: `create unique index drift_finding_open on drift_finding (kind, subject) where state = 'open'`,
    },
  ],
  properties: {
    id: id(),
    /** The resource's, or the platform's own where nobody's resource is concerned. */
    tenantId: tenantId(),
    system: p.text().$type<DriftSystem>(),
    kind: p.text().$type<DriftKind>(),
    /** What it is about, by the name it has outside: a VMID, www.a.example. A, a.example, pi_…, a workflow's id. */
    subject: p.text(),
    /** The row it is about, where there is one. */
    resourceId: p.uuid().nullable(),
    /** In a sentence for operators. */
    text: p.text(),
    /** What our rows say and what was seen. */
    evidence: p.json<Record<string, unknown>>(),
    state: p.enum(FINDING_STATE).default('open'),
    /** The job of type drift that shows it. */
    jobId: p.uuid(),
    firstSeenAt: createdAt(),
    lastSeenAt: createdAt(),
    /** When an act of ours that mends it last began: whatever came of that, it is ours from then on. */
    mendedAt: p.datetime(3).nullable(),
    resolvedAt: p.datetime(3).nullable(),
  },
});
export type Finding = InferEntity<typeof Finding>;

/** The last look at an outside system. */
export const DriftCheck = defineEntity({
  name: 'DriftCheck',
  properties: {
    system: p.text().$type<DriftSystem>().primary(),
    /** False where the system did not answer: nothing was concluded then. */
    ok: p.boolean(),
    /** In words. */
    detail: p.text(),
    /** When the last look began, and the last one that got through. */
    checkedAt: p.datetime(3),
    completedAt: p.datetime(3).nullable(),
  },
});
export type DriftCheck = InferEntity<typeof DriftCheck>;
