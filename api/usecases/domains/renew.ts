import { AppError, invalid } from '../../../core/app-error.ts';
import type { Domain, Job } from '../../../db/entities/index.ts';
import { lockDomain } from '../../../db/queries/domains.ts';
import { liveJobs } from '../../../db/queries/job-views.ts';
import { firstProduct } from '../../../db/queries/products.ts';
import { isRenewing } from '../../../db/queries/renewals.ts';
import { taxationOf } from '../../../db/queries/taxes.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { isBuyer, seen } from '../access.ts';
import type { Made } from '../bought.ts';
import { type Change, change } from '../change.ts';
import { requireIdle, requireState } from '../idle.ts';
import { admit, writeOrder } from '../orders/place.ts';
import { tldPrice } from '../resources/domain.ts';

/** Renews a name: at once for staff, when it is paid for a customer. */
export function renewDomain(ctx: Context, id: string, years: number): Promise<Made> {
  return change(ctx, async (tx) => {
    const domain = await renewable(ctx, tx, id);
    return isBuyer(ctx) ? order(ctx, tx, domain, years) : begin(tx, domain, years);
  });
}

/** The name, held until the change is done, where nothing else is being done to it. */
async function renewable(ctx: Context, tx: Change, id: string): Promise<Domain & { expiresAt: Date }> {
  const domain = seen(ctx, await lockDomain(tx.em, ctx.scope, id));
  requireState(domain.status, ['active', 'expired']);
  await requireIdle(tx, id);
  if (await isRenewing(tx.em, id))
    throw new AppError('WRONG_STATE', 'The invoice of its renewal is unpaid: pay that one.');
  if (!domain.expiresAt) throw new AppError('WRONG_STATE', 'The registry has not told when it expires.');
  return domain as Domain & { expiresAt: Date };
}

/** The expiry it starts from is kept, so that a repeat is told from a second renewal. */
function begin(tx: Change, domain: Domain & { expiresAt: Date }, years: number): Made {
  domain.renewal = { from: domain.expiresAt.toISOString(), years };
  tx.audit('domain.renew_requested', domain.id, { years, from: domain.renewal.from });
  const job = tx.start({ type: 'domain_renew', targetId: domain.id, customerId: domain.customerId });
  return { resourceId: domain.id, job };
}

/** An order of one item that renews a name there is. */
async function order(ctx: Context, tx: Change, domain: Domain, years: number): Promise<Made> {
  const customer = await admit(ctx, tx, domain.customerId);
  const product = await firstProduct(tx.em, customer.tenantId, 'domain');
  if (!product) throw invalid(['years'], 'no domains are sold here');
  const taxation = await taxationOf(tx.em, customer, new Date());
  const { renew, currency } = await tldPrice({ em: tx.em, customer }, domain.name, years, ['years']);
  const view = writeOrder(ctx, tx, { customer, taxation }, [
    {
      itemId: newId(),
      resourceId: domain.id,
      product,
      cycle: 'yearly',
      config: {},
      path: [],
      price: renew * years,
      renewal: renew,
      currency,
      added: {
        resourceId: domain.id,
        jobType: 'domain_renew',
        about: `${domain.name}, ${years} more ${years === 1 ? 'year' : 'years'}`,
        dependsOn: [],
        config: { domain: domain.name, years },
      },
    },
  ]);
  await tx.em.flush();
  const [job] = await liveJobs(tx.em, domain.id);
  return { resourceId: domain.id, job: job as Job, bought: { order: view.order, invoice: view.invoice } };
}
