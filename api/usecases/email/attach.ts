import { invalid } from '../../../core/app-error.ts';
import { findDomain } from '../../../db/queries/domains.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { isBuyer } from '../access.ts';
import { buy, type Made, productFor, siteOf } from '../bought.ts';
import { change } from '../change.ts';
import { requireState } from '../idle.ts';
import { addEmail } from '../resources/email.ts';

export interface AttachWish {
  domainId: string;
  planProductId: string;
  localPart?: string | undefined;
  password?: string | undefined;
  quotaMb?: number | undefined;
}

/** E-mail for a registered domain, asked for directly. */
export async function attachEmail(ctx: Context, wish: AttachWish): Promise<Made> {
  const { domainId, planProductId, ...mailbox } = wish;
  const domain = await findDomain(ctx.em, ctx.scope, domainId);
  if (!domain) throw invalid(['domainId'], 'there is no such domain');
  requireState(domain.status, ['active']);
  const product = await productFor(ctx, planProductId, { type: 'email', path: 'planProductId' });
  const { customerId } = domain;
  const config = { ...mailbox, domain: domain.name };
  if (isBuyer(ctx)) return buy(ctx, { customerId, product, config });
  return change(ctx, async (tx) => {
    const site = await siteOf(ctx, tx, { customerId });
    const added = await addEmail(site, product, newId(), config);
    const job = tx.start({ type: added.jobType, targetId: added.resourceId, customerId });
    tx.audit('email_domain.attach_requested', added.resourceId, { customerId, name: domain.name });
    return { resourceId: added.resourceId, job };
  });
}
