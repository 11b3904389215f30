import type { EntityManager } from '@mikro-orm/postgresql';
import type { ProductType } from '../../core/states.ts';
import { Image, OrderItem, Product, Subscription, TldPrice } from '../entities/index.ts';
import { findRow, listRows, type PageQuery, type Scope, withTenant } from './rows.ts';

export const findProduct = (em: EntityManager, scope: Scope, id: string) =>
  findRow(em, Product, withTenant(scope, { id }));

export function listProducts(
  em: EntityManager,
  scope: Scope,
  filter: { type?: ProductType | undefined; activeOnly?: boolean | undefined },
  page: PageQuery,
) {
  return listRows(
    em,
    Product,
    withTenant(scope, { type: filter.type, status: filter.activeOnly ? 'active' : undefined }),
    page,
  );
}

const ON_SALE = { plans: ['cloudpod', 'domain', 'email'], addons: ['addon', 'backup'] } as const satisfies Record<
  string,
  readonly ProductType[]
>;

/** Products on sale: plans stand by themselves, add-ons belong to a CloudPod. */
export function listOnSale(em: EntityManager, scope: Scope, which: keyof typeof ON_SALE, page: PageQuery) {
  return listRows(em, Product, withTenant(scope, { status: 'active', type: { $in: [...ON_SALE[which]] } }), page);
}

export async function findActiveProducts(
  em: EntityManager,
  tenantId: string,
  ids: string[],
): Promise<Map<string, Product>> {
  const products = await em.find(Product, { tenantId, status: 'active', id: { $in: ids } });
  return new Map(products.map((product) => [product.id, product]));
}

/** The product a customer buys who asks for a domain by name alone: the oldest on sale. */
export function firstProduct(em: EntityManager, tenantId: string, type: ProductType): Promise<Product | null> {
  return em.findOne(Product, { tenantId, type, status: 'active' }, { orderBy: { createdAt: 'asc' } });
}

export async function isProductUsed(em: EntityManager, productId: string): Promise<boolean> {
  return (await em.count(OrderItem, { productId })) > 0 || (await em.count(Subscription, { productId })) > 0;
}

export function findTldPrice(em: EntityManager, tenantId: string, tld: string): Promise<TldPrice | null> {
  return em.findOne(TldPrice, { tenantId, tld });
}

export async function isImageOffered(em: EntityManager, name: string, kind: 'qemu' | 'lxc'): Promise<boolean> {
  return (await em.count(Image, { name, kind, enabled: true })) > 0;
}
