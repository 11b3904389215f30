import { AppError } from '../../../core/app-error.ts';
import { Product } from '../../../db/entities/index.ts';
import { lockRow, withTenant } from '../../../db/queries/rows.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change, given } from '../change.ts';
import { type ProductWish, readMetadata } from './create.ts';

type Changes = { [K in keyof ProductWish]?: ProductWish[K] | undefined };

/** Changes what is sold from now on; everything sold before keeps its own copy of plan and price. */
export function updateProduct(ctx: Context, id: string, changes: Changes): Promise<Product> {
  return change(ctx, async ({ em, audit }) => {
    const product = seen(ctx, await lockRow(em, Product, withTenant(ctx.scope, { id })));
    if (changes.type && changes.type !== product.type)
      throw new AppError('WRONG_STATE', 'The type of a product stays; make another product.');
    const metadata = changes.metadata && readMetadata(product.type, changes.metadata);
    em.assign(product, given({ ...changes, metadata }));
    audit('product.updated', id, { fields: Object.keys(changes) });
    return product;
  });
}
