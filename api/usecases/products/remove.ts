import { AppError } from '../../../core/app-error.ts';
import { Product } from '../../../db/entities/index.ts';
import { isProductUsed } from '../../../db/queries/products.ts';
import { lockRow, withTenant } from '../../../db/queries/rows.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';

/** Deletes a product that nothing was sold of. */
export function deleteProduct(ctx: Context, id: string): Promise<void> {
  return change(ctx, async ({ em, audit }) => {
    const product = seen(ctx, await lockRow(em, Product, withTenant(ctx.scope, { id })));
    if (await isProductUsed(em, id))
      throw new AppError('PRODUCT_IN_USE', 'It was sold: retire it instead, with status retired.');
    em.remove(product);
    audit('product.deleted', id, { sku: product.sku });
  });
}
