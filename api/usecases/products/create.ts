import { invalid } from '../../../core/app-error.ts';
import type { Price } from '../../../core/catalog.ts';
import type { ProductType } from '../../../core/states.ts';
import { Product } from '../../../db/entities/index.ts';
import { newId } from '../../../runtime/ids.ts';
import { inWords } from '../../../runtime/issue-words.ts';
import type { Context } from '../../context.ts';
import { change } from '../change.ts';
import { METADATA } from './metadata.ts';

export interface ProductWish {
  name: string;
  type: ProductType;
  sku: string;
  billingCycles: Price[];
  metadata: Record<string, unknown>;
  status: Product['status'];
  taxCategory: Product['taxCategory'];
}

export function createProduct(ctx: Context, wish: ProductWish): Promise<Product> {
  return change(ctx, async ({ em, audit }) => {
    const fields = { ...wish, metadata: readMetadata(wish.type, wish.metadata) };
    const product = em.create(Product, {
      id: newId(),
      tenantId: ctx.scope.tenantId,
      createdAt: new Date(),
      ...fields,
    });
    audit('product.created', product.id, { sku: wish.sku });
    return product;
  });
}

/** Metadata as its type wants it, with its defaults. Throws 422. */
export function readMetadata(type: ProductType, metadata: Record<string, unknown>): Record<string, unknown> {
  const result = METADATA[type].safeParse(metadata, { error: inWords });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(['metadata', ...((issue?.path ?? []) as string[])], issue?.message ?? 'is not what the type wants');
}
