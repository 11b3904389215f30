import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import {
  type CheckName,
  type CheckProgress,
  REMEDIATION_STATUS,
  type RemedyPlan,
  SCAN_STATUS,
  SEVERITIES,
  WEAKNESS_STATE,
  type WeaknessKind,
} from '../../core/guardian.ts';
import { createdAt, id, updatedAt } from './base.ts';
import { tenantId } from './tenant.ts';

/** A tenant's Guardian, and what it is told. */
export const GuardianInstance = defineEntity({
  name: 'GuardianInstance',
  uniques: [{ properties: ['tenantId'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    /** Whether scans come by themselves. */
    enabled: p.boolean().default(true),
    /** The firewall plan: TCP ports that may be open at the tenant's addresses. */
    allowedPorts: p.json<number[]>(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
});
export type GuardianInstance = InferEntity<typeof GuardianInstance>;

/** One look at all that a tenant has. One is under way at a time. */
export const GuardianScan = defineEntity({
  name: 'GuardianScan',
  indexes: [{ properties: ['tenantId', 'createdAt', 'id'] }, { properties: ['tenantId', 'status', 'createdAt', 'id'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    jobId: p.uuid(),
    /** Null: it was due. */
    requestedBy: p.uuid().nullable(),
    status: p.enum(SCAN_STATUS).default('pending'),
    /** Written by the scan's own job alone. */
    checks: p.json<CheckProgress[]>(),
    startedAt: p.datetime(3).nullable(),
    endedAt: p.datetime(3).nullable(),
    createdAt: createdAt(),
  },
});
export type GuardianScan = InferEntity<typeof GuardianScan>;

/** A weakness. It is one row for ever: seen again after it was resolved, it is open again. */
export const GuardianFinding = defineEntity({
  name: 'GuardianFinding',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    { properties: ['tenantId', 'state', 'createdAt', 'id'] },
    { properties: ['tenantId', 'severity', 'createdAt', 'id'] },
    { properties: ['tenantId', 'check', 'createdAt', 'id'] },
    { properties: ['tenantId', 'resourceId', 'createdAt', 'id'] },
  ],
  uniques: [{ properties: ['tenantId', 'fingerprint'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    check: p.text().$type<CheckName>().fieldName('check_name'),
    kind: p.text().$type<WeaknessKind>(),
    severity: p.enum(SEVERITIES),
    state: p.enum(WEAKNESS_STATE).default('open'),
    /** kind/resource[/key]: what makes it the same one again. */
    fingerprint: p.text(),
    resourceType: p.text(),
    resourceId: p.uuid(),
    /** The resource by the name people know it by. */
    subject: p.text(),
    /** In a sentence. */
    text: p.text(),
    /** What was seen. */
    evidence: p.json<Record<string, unknown>>(),
    /** The last scan that came by its resource, whether it answered or not. */
    scanId: p.uuid(),
    /** First seen. */
    createdAt: createdAt(),
    lastSeenAt: createdAt(),
    resolvedAt: p.datetime(3).nullable(),
  },
});
export type GuardianFinding = InferEntity<typeof GuardianFinding>;

/** Something to be done about a finding. One at a time; two people have said yes to it before anything happens. */
export const GuardianRemediation = defineEntity({
  name: 'GuardianRemediation',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    { properties: ['tenantId', 'status', 'createdAt', 'id'] },
    { properties: ['findingId', 'createdAt', 'id', 'tenantId'] },
  ],
  uniques: [
    {
      name: 'guardian_remediation_open',
      expression: `create unique index guardian_remediation_open on guardian_remediation (finding_id) where status in ('requested', 'approved', 'applied')`,
    },
  ],
  checks: [{ name: 'guardian_remediation_two_people', expression: 'tenant_approved_by <> platform_approved_by' }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    findingId: p.manyToOne(GuardianFinding).mapToPk().joinColumn('finding_id').index(false),
    status: p.enum(REMEDIATION_STATUS).default('requested'),
    plan: p.json<RemedyPlan>(),
    requestedBy: p.uuid(),
    tenantApprovedBy: p.uuid().nullable(),
    tenantApprovedAt: p.datetime(3).nullable(),
    platformApprovedBy: p.uuid().nullable(),
    platformApprovedAt: p.datetime(3).nullable(),
    jobId: p.uuid().nullable(),
    appliedAt: p.datetime(3).nullable(),
    endedAt: p.datetime(3).nullable(),
    /** Why it failed, in words. */
    detail: p.text().nullable(),
    createdAt: createdAt(),
  },
});
export type GuardianRemediation = InferEntity<typeof GuardianRemediation>;
