import type { EntityManager } from '@mikro-orm/postgresql';
import { type CheckName, type Severity, unlooked } from '../../core/guardian.ts';
import { newId } from '../../runtime/ids.ts';
import { GuardianFinding, GuardianInstance, GuardianRemediation, GuardianScan, type Job } from '../entities/index.ts';
import { startJob } from './jobs.ts';
import { findRow, listRows, lockRow, type PageQuery, type Scope, sql, withTenant } from './rows.ts';

export const findInstance = (em: EntityManager, scope: Scope) => findRow(em, GuardianInstance, withTenant(scope));

/** Whoever holds it is the only one who begins a scan, or changes what scans are told. */
export const lockInstance = (em: EntityManager, tenantId: string) => lockRow(em, GuardianInstance, { tenantId });

async function isScanning(em: EntityManager, tenantId: string): Promise<boolean> {
  return (await em.count(GuardianScan, { tenantId, status: { $ne: 'completed' } })) > 0;
}

export interface BegunScan {
  scan: GuardianScan;
  job: Job;
  outboxId: string;
}

/** A scan and the job that does it, in the caller's transaction; undefined while another is under way. */
export async function beginScan(
  em: EntityManager,
  { tenantId, requestedBy }: { tenantId: string; requestedBy: string | null },
): Promise<BegunScan | undefined> {
  if (await isScanning(em, tenantId)) return undefined;
  const id = newId();
  const begun = startJob(em, { type: 'guardian_scan', tenantId, targetId: id });
  const fields = { id, tenantId, jobId: begun.job.id, requestedBy, checks: unlooked(), createdAt: new Date() };
  const scan = em.create(GuardianScan, fields);
  em.persist(scan);
  return { scan, ...begun };
}

/** Tenants whose last scan is longer ago than that. */
export async function tenantsToScan(em: EntityManager, seconds: number): Promise<string[]> {
  const rows = await sql<{ tenant_id: string }>(
    em,
    `select tenant_id from guardian_instance g where enabled and not exists (select from guardian_scan s
       where s.tenant_id = g.tenant_id and (s.status <> 'completed' or s.created_at > now() - make_interval(secs => ?)))`,
    [seconds],
  );
  return rows.map((row) => row.tenant_id);
}

export const listScans = (
  em: EntityManager,
  scope: Scope,
  filter: { status?: GuardianScan['status'] | undefined },
  page: PageQuery,
) => listRows(em, GuardianScan, withTenant(scope, { ...filter }), page);

export interface FindingFilter {
  state?: GuardianFinding['state'] | undefined;
  severity?: Severity | undefined;
  check?: CheckName | undefined;
  resourceId?: string | undefined;
}

export const listWeaknesses = (em: EntityManager, scope: Scope, filter: FindingFilter, page: PageQuery) =>
  listRows(em, GuardianFinding, withTenant(scope, { ...filter }), page);

export const findWeakness = (em: EntityManager, scope: Scope, id: string) =>
  findRow(em, GuardianFinding, withTenant(scope, { id }));

export const lockRemediation = (em: EntityManager, scope: Scope, id: string) =>
  lockRow(em, GuardianRemediation, withTenant(scope, { id }));

export interface RemediationFilter {
  status?: GuardianRemediation['status'] | undefined;
  findingId?: string | undefined;
}

export const listRemediations = (em: EntityManager, scope: Scope, filter: RemediationFilter, page: PageQuery) =>
  listRows(em, GuardianRemediation, withTenant(scope, { ...filter }), page);

export const lastScan = (em: EntityManager, { tenantId }: Scope): Promise<GuardianScan | null> =>
  em.findOne(GuardianScan, { tenantId }, { orderBy: { createdAt: 'desc', id: 'desc' } });

/** How many findings are open, by severity. */
export async function countOpen(em: EntityManager, { tenantId }: Scope): Promise<Partial<Record<Severity, number>>> {
  const rows = await sql<{ severity: Severity; n: number }>(
    em,
    `select severity, count(*)::int as n from guardian_finding where tenant_id = ? and state = 'open' group by 1`,
    [tenantId],
  );
  return Object.fromEntries(rows.map(({ severity, n }) => [severity, n]));
}

/** How many remediations have not ended, by status. */
export async function countRemediations(
  em: EntityManager,
  { tenantId }: Scope,
): Promise<Partial<Record<string, number>>> {
  const rows = await sql<{ status: string; n: number }>(
    em,
    `select status, count(*)::int as n from guardian_remediation where tenant_id = ? and status in ('requested', 'approved', 'applied') group by 1`,
    [tenantId],
  );
  return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
}
