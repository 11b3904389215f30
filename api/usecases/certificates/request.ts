import { invalid } from '../../../core/app-error.ts';
import { Certificate, type Instance, type Job } from '../../../db/entities/index.ts';
import { findCloudPod } from '../../../db/queries/cloudpods.ts';
import { zoneOf } from '../../../db/queries/zone-records.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { change } from '../change.ts';
import { asciiDomain } from '../resources/site.ts';

export interface CertificateWish {
  domain: string;
  targetId?: string | undefined;
}

/** A certificate by dns-01, so the name must lie in a zone that is the customer's, or be the host name of their CloudPod. */
export function requestCertificate(
  ctx: Context,
  wish: CertificateWish,
): Promise<{ certificate: Certificate; job: Job }> {
  const domain = asciiDomain(wish.domain, ['domain']);
  return change(ctx, async (tx) => {
    const target = wish.targetId ? await findCloudPod(tx.em, ctx.scope, wish.targetId) : null;
    if (wish.targetId && target?.status !== 'active') throw invalid(['targetId'], 'there is no such running CloudPod');
    const customerId = await holderOf({ ...ctx, em: tx.em }, domain, target);
    const certificate = tx.em.create(Certificate, {
      id: newId(),
      tenantId: ctx.scope.tenantId,
      customerId,
      domain,
      targetId: target?.id ?? null,
      createdAt: new Date(),
    });
    tx.audit('certificate.requested', certificate.id, { domain });
    return { certificate, job: tx.start({ type: 'certificate_issue', targetId: certificate.id, customerId }) };
  });
}

async function holderOf(ctx: Context, domain: string, target: Instance | null): Promise<string> {
  const zone = await zoneOf(ctx.em, domain);
  const holder = target?.customerId ?? zone?.customerId;
  const own = zone?.tenantId === ctx.scope.tenantId && zone.customerId !== null && zone.customerId === holder;
  if (!holder || (!own && domain !== target?.hostname) || (ctx.scope.customerId && holder !== ctx.scope.customerId))
    throw invalid(['domain'], `${domain} lies in no zone of this customer`);
  return holder;
}
