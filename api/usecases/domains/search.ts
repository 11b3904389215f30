import type { TldPrice } from '../../../db/entities/index.ts';
import { findTldPrice } from '../../../db/queries/products.ts';
import { newId } from '../../../runtime/ids.ts';
import { ASKS, type DomainAnswer, type DomainQuestion } from '../../../workflows/catalog.ts';
import type { Context } from '../../context.ts';
import { askWorker } from '../ask.ts';
import { asciiDomain } from '../resources/site.ts';

export interface Offer {
  name: string;
  available: boolean;
  price: TldPrice | null;
  reason: string | null;
}

/** Whether a name can be had, and for how much. A top-level domain that is not sold here needs no question. */
export async function searchDomain(ctx: Context, query: { q: string; tld?: string | undefined }): Promise<Offer> {
  const name = asciiDomain(query.tld ? `${query.q}.${query.tld.replace(/^\./, '')}` : query.q, ['q']);
  const tld = name.slice(name.indexOf('.') + 1);
  const price = await findTldPrice(ctx.em, ctx.scope.tenantId, tld);
  if (!price) return { name, available: false, price: null, reason: `.${tld} is not sold here` };
  const answer = await askWorker<DomainAnswer>(ctx, ASKS.domain, `domain/${newId()}`, {
    name,
  } satisfies DomainQuestion);
  return { name, price, ...answer };
}
