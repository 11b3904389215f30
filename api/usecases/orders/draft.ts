import { AppError, invalid } from '../../../core/app-error.ts';
import { sum } from '../../../core/money.ts';
import type { BillingCycle } from '../../../core/period.ts';
import type { ProductType } from '../../../core/states.ts';
import type { Product } from '../../../db/entities/index.ts';
import { newId } from '../../../runtime/ids.ts';
import { inWords } from '../../../runtime/issue-words.ts';
import { asciiDomain } from '../resources/site.ts';
import { ITEM_CONFIG, type ItemConfig } from './item-config.ts';

export interface ItemWish {
  productId: string;
  billingCycle: BillingCycle;
  quantity: number;
  config?: Record<string, unknown> | undefined;
  addons?: { productId: string; quantity: number }[] | undefined;
}

/** One unit to deliver, its product known and its settings read. */
export interface Draft {
  itemId: string;
  /** The resource's id where others need it beforehand. */
  resourceId: string;
  product: Product;
  cycle: BillingCycle;
  config: ItemConfig<ProductType>;
  /** A-label, for a domain. */
  domain?: string;
  /** The unit this one is an add-on of. */
  parent?: Draft;
  path: (string | number)[];
}

// What others lean on is made first.
const RANK: Record<ProductType, number> = { domain: 0, cloudpod: 1, email: 1, backup: 2, addon: 2 };
/** Each is rows, a job and room that is held, all in one transaction. */
const MOST_UNITS = 200;
const SINGLE: readonly ProductType[] = ['domain', 'email'];

/** Every unit of an order, what others depend on before them. Throws 422 for what cannot be ordered. */
export function draftUnits(items: readonly ItemWish[], products: ReadonlyMap<string, Product>): Draft[] {
  if (sum(items.map(unitsIn)) > MOST_UNITS) throw invalid(['items'], `at most ${MOST_UNITS} things an order`);
  const drafts = items.flatMap((wish, index) => unitsOf(wish, ['items', index], products));
  refuseRepeats(drafts);
  return drafts.sort((a, b) => RANK[a.product.type] - RANK[b.product.type]);
}

const unitsIn = ({ quantity, addons = [] }: ItemWish): number =>
  quantity * (1 + sum(addons.map((addon) => addon.quantity)));

function unitsOf(wish: ItemWish, path: (string | number)[], products: ReadonlyMap<string, Product>): Draft[] {
  const product = productOf(wish.productId, [...path, 'productId'], products);
  const config = readConfig(product.type, wish.config ?? {}, [...path, 'config']);
  const named = SINGLE.includes(product.type) || 'hostname' in config || 'name' in config;
  if (wish.quantity > 1 && named) throw invalid([...path, 'quantity'], 'only one can have this name');
  const addons = wish.addons ?? [];
  if (addons.length && product.type !== 'cloudpod') throw invalid([...path, 'addons'], 'only a CloudPod has add-ons');
  return range(wish.quantity).flatMap(() => {
    const unit = draft(product, product.type === 'domain' ? 'yearly' : wish.billingCycle, config, path);
    const extras = addons.flatMap((addon, index) => {
      const at = [...path, 'addons', index];
      const extra = productOf(addon.productId, [...at, 'productId'], products);
      if (RANK[extra.type] !== 2) throw invalid([...at, 'productId'], `${extra.name} is no add-on`);
      return range(addon.quantity).map(() => ({ ...draft(extra, wish.billingCycle, {}, at), parent: unit }));
    });
    return [unit, ...extras];
  });
}

function draft(
  product: Product,
  cycle: BillingCycle,
  config: ItemConfig<ProductType>,
  path: (string | number)[],
): Draft {
  const domain =
    product.type === 'domain'
      ? asciiDomain((config as ItemConfig<'domain'>).domain, [...path, 'config', 'domain'])
      : null;
  return { itemId: newId(), resourceId: newId(), product, cycle, config, path, ...(domain ? { domain } : {}) };
}

function productOf(id: string, path: (string | number)[], products: ReadonlyMap<string, Product>): Product {
  const product = products.get(id);
  if (!product) throw invalid(path, 'there is no such product on sale');
  return product;
}

function readConfig<T extends ProductType>(type: T, given: Record<string, unknown>, path: (string | number)[]) {
  const result = ITEM_CONFIG[type].safeParse(given, { error: inWords });
  if (result.success) return result.data as ItemConfig<T>;
  const issues = result.error.issues.map((issue) => ({
    path: [...path, ...(issue.path as string[])],
    message: issue.message,
  }));
  const [first] = issues;
  throw new AppError('VALIDATION_FAILED', `${first?.path.join('.')}: ${first?.message}`, { issues });
}

function refuseRepeats(drafts: readonly Draft[]): void {
  const names = new Set<string>();
  for (const unit of drafts) {
    const [setting, name] = nameOf(unit);
    if (!name) continue;
    if (names.has(`${setting} ${name}`)) throw invalid([...unit.path, 'config', setting], `${name} is ordered twice`);
    names.add(`${setting} ${name}`);
  }
}

/** What no two things may be called, and the setting that says it. A CloudPod's name makes its host name, where it has none. */
function nameOf({ product, domain, config }: Draft): [setting: string, name: string | undefined] {
  if (product.type !== 'cloudpod') return ['domain', domain];
  const { hostname, name } = config as ItemConfig<'cloudpod'>;
  return hostname ? ['hostname', hostname] : ['name', name];
}

const range = (count: number): number[] => [...Array(count).keys()];
