import { invalid } from '../../../core/app-error.ts';
import { firstProduct } from '../../../db/queries/products.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { isBuyer } from '../access.ts';
import { buy, type Made, siteOf } from '../bought.ts';
import { change } from '../change.ts';
import type { ItemConfig } from '../orders/item-config.ts';
import { addDomain, tldPrice } from '../resources/domain.ts';
import { asciiDomain } from '../resources/site.ts';

export type DomainWish = ItemConfig<'domain'> & { customerId: string };

/** A domain asked for directly. */
export async function registerDomain(ctx: Context, { customerId, ...config }: DomainWish): Promise<Made> {
  if (isBuyer(ctx)) {
    const product = await firstProduct(ctx.em, ctx.scope.tenantId, 'domain');
    if (!product) throw invalid(['domain'], 'no domains are sold here');
    return buy(ctx, { customerId, product, config });
  }
  return change(ctx, async (tx) => {
    const site = await siteOf(ctx, tx, { customerId });
    const name = asciiDomain(config.domain, ['domain']);
    await tldPrice(site, name, config.years ?? 1, ['domain']);
    const added = await addDomain(site, { id: newId(), name, config });
    const job = tx.start({ type: added.jobType, targetId: added.resourceId, customerId });
    tx.audit('domain.register_requested', added.resourceId, { customerId, name });
    return { resourceId: added.resourceId, job };
  });
}
