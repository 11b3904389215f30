import { AppError, invalid } from '../../../core/app-error.ts';
import { Domain, type TldPrice } from '../../../db/entities/index.ts';
import { liveDomain } from '../../../db/queries/domains.ts';
import { findTldPrice } from '../../../db/queries/products.ts';
import { keepSecret } from '../../../db/queries/secrets.ts';
import { nameservers } from '../../../runtime/config.ts';
import type { ItemConfig } from '../orders/item-config.ts';
import { completeContact } from './contact.ts';
import { randomPassword } from './random.ts';
import type { Added, Site } from './site.ts';

/** A name to register. Its id is given: other items of the order lean on it before it is made. */
export async function addDomain(
  site: Site,
  { id, name, config }: { id: string; name: string; config: Omit<ItemConfig<'domain'>, 'domain'> },
): Promise<Added> {
  const { em, customer, seal, path } = site;
  const { tenantId } = customer;
  if (await liveDomain(em, name)) throw new AppError('DOMAIN_TAKEN', `${name} is registered here.`);
  const years = config.years ?? 1;
  em.create(Domain, {
    id,
    tenantId,
    customerId: customer.id,
    orderItemId: site.orderItemId,
    name,
    years,
    contact: completeContact(config.contact, customer, [...path, 'contact']),
    registrant: `mp-${id.replaceAll('-', '').slice(-8)}`,
    authInfoSecretId: keepSecret(em, seal, tenantId, `authInfo of domain/${id}`, `${randomPassword(14)}-4x`),
    autoRenew: config.autoRenew ?? site.orderItemId !== null,
    nameservers: config.nameservers ?? nameservers(site.config),
  });
  return {
    resourceId: id,
    jobType: 'domain_register',
    about: `${name}, ${years} ${years === 1 ? 'year' : 'years'}`,
    dependsOn: [],
    config: { ...config, domain: name, years },
  };
}

/** What a name costs, by what stands after its first label. Throws 422 for a top-level domain that is not sold. */
export async function tldPrice(
  site: Pick<Site, 'em' | 'customer'>,
  name: string,
  years: number,
  path: (string | number)[],
): Promise<TldPrice> {
  const tld = name.slice(name.indexOf('.') + 1);
  const price = await findTldPrice(site.em, site.customer.tenantId, tld);
  if (!price) throw invalid(path, `.${tld} is not sold here`);
  if (years > price.maxYears) throw invalid(path, `.${tld} can be had for at most ${price.maxYears} years`);
  return price;
}
