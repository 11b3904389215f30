import { z } from 'zod';
import * as guardian from '../../../../core/guardian.ts';
import { nullableTime, nullableUuid, timestamp, uuid } from './common.ts';

export const GuardianInstance = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    /** Whether scans come by themselves. */
    enabled: z.boolean(),
    /** The firewall plan: TCP ports that may be open at the tenant's addresses. */
    allowedPorts: z.array(z.number().int()),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'GuardianInstance' });

const count = z.number().int();

export const GuardianScan = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    jobId: uuid,
    /** Null: it was due. */
    requestedBy: nullableUuid,
    status: z.enum(guardian.SCAN_STATUS),
    checks: z.array(
      z.strictObject({
        name: z.enum(guardian.CHECKS),
        done: z.boolean(),
        looked: count,
        found: count,
        missed: count,
        /** What could not be looked at, and why. */
        detail: z.string().nullable(),
      }),
    ),
    createdAt: timestamp,
    startedAt: nullableTime,
    endedAt: nullableTime,
  })
  .meta({ id: 'GuardianScan' });

export const GuardianFinding = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    check: z.enum(guardian.CHECKS),
    kind: z.enum(Object.keys(guardian.WEAKNESS) as guardian.WeaknessKind[]),
    severity: z.enum(guardian.SEVERITIES),
    state: z.enum(guardian.WEAKNESS_STATE),
    resourceType: z.string(),
    resourceId: uuid,
    subject: z.string(),
    /** In a sentence. */
    text: z.string(),
    /** What was seen. */
    evidence: z.record(z.string(), z.unknown()),
    /** What can be requested about it; null: only a person can mend it. */
    remedy: z.enum(guardian.REMEDIES).nullable(),
    firstSeenAt: timestamp,
    lastSeenAt: timestamp,
    resolvedAt: nullableTime,
  })
  .meta({ id: 'GuardianFinding' });

const approval = z.strictObject({ userId: uuid, at: timestamp }).nullable();

/** What is going to be done, or was. */
const RemedyPlan = z.discriminatedUnion('remedy', [
  z.strictObject({ remedy: z.literal('renew_certificate'), certificateId: uuid }),
  z.strictObject({
    remedy: z.literal('add_record'),
    zoneId: uuid,
    recordId: uuid,
    /** Relative to the zone. */
    record: z.strictObject({ type: z.string(), name: z.string(), content: z.string() }),
  }),
  z.strictObject({ remedy: z.literal('close_port'), instanceId: uuid, port: count }),
  z.strictObject({ remedy: z.literal('revoke_key'), apiKeyId: uuid }),
]);

export const GuardianRemediation = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    findingId: uuid,
    status: z.enum(guardian.REMEDIATION_STATUS),
    plan: RemedyPlan,
    requestedBy: uuid,
    /** Null until somebody has. */
    tenantApproval: approval,
    platformApproval: approval,
    jobId: nullableUuid,
    /** Why it failed. */
    detail: z.string().nullable(),
    createdAt: timestamp,
    appliedAt: nullableTime,
    endedAt: nullableTime,
  })
  .meta({ id: 'GuardianRemediation' });

export const GuardianSummary = z
  .strictObject({
    instance: GuardianInstance.nullable(),
    /** Of the open findings. */
    open: z.strictObject({ total: count, low: count, medium: count, high: count, critical: count }),
    lastScan: GuardianScan.nullable(),
    /** Those that have not ended. */
    remediations: z.strictObject({ requested: count, approved: count, applied: count }),
  })
  .meta({ id: 'GuardianSummary' });
