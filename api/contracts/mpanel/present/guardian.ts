import type { z } from 'zod';
import { missedIn, remedyOf, type Severity } from '../../../../core/guardian.ts';
import type {
  GuardianFinding,
  GuardianInstance,
  GuardianRemediation,
  GuardianScan,
} from '../../../../db/entities/index.ts';
import type * as schemas from '../schemas/index.ts';
import { moment } from './common.ts';

export function presentInstance(row: GuardianInstance): z.infer<typeof schemas.GuardianInstance> {
  const { id, tenantId, enabled, allowedPorts, createdAt, updatedAt } = row;
  return {
    id,
    tenantId,
    enabled,
    allowedPorts,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

export function presentScan(row: GuardianScan): z.infer<typeof schemas.GuardianScan> {
  const { id, tenantId, jobId, status, createdAt } = row;
  return {
    ...{ id, tenantId, jobId, status, requestedBy: row.requestedBy ?? null },
    checks: row.checks.map(({ cursor: _, ...check }) => ({ ...check, detail: missedIn({ ...check, cursor: null }) })),
    ...{ createdAt: createdAt.toISOString(), startedAt: moment(row.startedAt), endedAt: moment(row.endedAt) },
  };
}

export function presentFinding(row: GuardianFinding): z.infer<typeof schemas.GuardianFinding> {
  const { id, tenantId, check, kind, severity, state, resourceType, resourceId, subject, text, evidence } = row;
  return {
    ...{ id, tenantId, check, kind, severity, state, resourceType, resourceId, subject, text, evidence },
    ...{ remedy: remedyOf(row), firstSeenAt: row.createdAt.toISOString() },
    ...{ lastSeenAt: row.lastSeenAt.toISOString(), resolvedAt: moment(row.resolvedAt) },
  };
}

export function presentRemediation(row: GuardianRemediation): z.infer<typeof schemas.GuardianRemediation> {
  const { id, tenantId, findingId, status, plan, requestedBy } = row;
  return {
    ...{ id, tenantId, findingId, status, plan, requestedBy },
    tenantApproval: approval(row.tenantApprovedBy, row.tenantApprovedAt),
    platformApproval: approval(row.platformApprovedBy, row.platformApprovedAt),
    ...{ jobId: row.jobId ?? null, detail: row.detail ?? null, createdAt: row.createdAt.toISOString() },
    ...{ appliedAt: moment(row.appliedAt), endedAt: moment(row.endedAt) },
  };
}

const approval = (userId: string | null | undefined, at: Date | null | undefined) =>
  userId && at ? { userId, at: at.toISOString() } : null;

export function presentSummary(
  instance: GuardianInstance | null,
  counts: Partial<Record<Severity, number>>,
  scan: GuardianScan | null,
  begun: Partial<Record<string, number>>,
): z.infer<typeof schemas.GuardianSummary> {
  const { low = 0, medium = 0, high = 0, critical = 0 } = counts;
  return {
    instance: instance && presentInstance(instance),
    open: { total: low + medium + high + critical, low, medium, high, critical },
    lastScan: scan && presentScan(scan),
    remediations: { requested: begun.requested ?? 0, approved: begun.approved ?? 0, applied: begun.applied ?? 0 },
  };
}
