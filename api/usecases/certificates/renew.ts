import type { Certificate, Job } from '../../../db/entities/index.ts';
import { lockCertificate } from '../../../db/queries/certificate-views.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';
import { requireIdle, requireState } from '../idle.ts';

/** A new certificate for the same name; the old one is served until it is there. */
export function renewCertificate(ctx: Context, id: string): Promise<{ certificate: Certificate; job: Job }> {
  return change(ctx, async (tx) => {
    const certificate = seen(ctx, await lockCertificate(tx.em, ctx.scope, id));
    requireState(certificate.status, ['active']);
    await requireIdle(tx, id);
    tx.audit('certificate.renew_requested', id, { domain: certificate.domain });
    return {
      certificate,
      job: tx.start({ type: 'certificate_renew', targetId: id, customerId: certificate.customerId }),
    };
  });
}
