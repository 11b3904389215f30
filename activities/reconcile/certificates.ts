import type { DriftKind } from '../../core/drift.ts';
import { Certificate } from '../../db/entities/index.ts';
import { all, first, set } from '../../db/queries/entity.ts';
import { inBatches } from '../../db/queries/estate.ts';
import { startJob } from '../../db/queries/jobs.ts';
import type { Deps } from '../deps.ts';
import type { Comparer, Held, Suspect } from './comparer.ts';

const LIVE = { status: 'active' as const, chain: { $ne: null } };

/** Certificates that the CA has revoked, from its own lists, and those that it wants renewed by now (RFC 9773). */
export function certificateComparer(deps: Deps): Comparer {
  async function* suspects(progress: { compared: number }): AsyncGenerator<Suspect> {
    for await (const batch of inBatches(deps.em, Certificate, LIVE)) {
      progress.compared += batch.length;
      const revoked = await deps.acme.findRevoked(batch.map(({ chain }) => chain ?? ''));
      for (const row of batch)
        if (revoked.has(row.serial ?? ''))
          yield { kind: 'certificate_revoked', subject: row.serial ?? '', resourceId: row.id };
    }
    const orderBy = [{ comparedAt: 'asc nulls first' as const }, { id: 'asc' as const }];
    for (const row of await all(deps.em(), Certificate, LIVE, { orderBy, limit: deps.config.RECONCILE_READS })) {
      if (await isOverdue(row)) yield { kind: 'certificate_overdue', subject: row.serial ?? '', resourceId: row.id };
      await set(deps.em(), Certificate, { id: row.id }, { comparedAt: new Date() });
    }
  }

  async function isOverdue({ chain, notAfter }: Certificate): Promise<boolean> {
    const end = (await deps.acme.renewalWindow(chain ?? ''))?.end ?? notAfter;
    return end !== null && end !== undefined && end.getTime() < Date.now();
  }

  const isRevoked = async ({ chain, serial }: Certificate) =>
    (await deps.acme.findRevoked([chain ?? ''])).has(serial ?? '');

  async function holds(kind: DriftKind, row: Certificate): Promise<boolean> {
    const revoked = await isRevoked(row);
    return kind === 'certificate_revoked' ? revoked : !revoked && (await isOverdue(row));
  }

  async function again({ kind, subject, resourceId }: Suspect): Promise<Held | undefined> {
    const seen = await first(deps.em(), Certificate, { id: resourceId ?? '', serial: subject, ...LIVE });
    if (!seen || !(await holds(kind, seen))) return undefined;
    const row = await first(deps.em(), Certificate, { id: seen.id, serial: subject, ...LIVE });
    if (!row) return undefined;
    const what = kind === 'certificate_revoked' ? 'was revoked by its CA' : 'should have been renewed by now';
    return {
      ...{ kind, subject, resourceId: row.id, tenantId: row.tenantId },
      text: `The certificate of ${row.domain} (${subject}) ${what}`,
      evidence: { domain: row.domain, notAfter: row.notAfter?.toISOString() ?? null },
      touching: [row.id, ...(row.targetId ? [row.targetId] : [])],
    };
  }

  return {
    system: 'acme',
    suspects,
    again,
    repairs: {
      /** The renewal is a job of its own; it has begun, and what it does is shown there. */
      certificate_overdue: async (ref, { resourceId, tenantId }) => {
        const { customerId } = await deps.em().findOneOrFail(Certificate, { id: resourceId ?? '' });
        const job = { type: 'certificate_renew' as const, tenantId: tenantId ?? ref.tenantId, customerId };
        await deps.em().transactional(async (tx) => {
          startJob(tx, { ...job, targetId: resourceId ?? '', parentJobId: ref.jobId });
        });
      },
    },
  };
}
