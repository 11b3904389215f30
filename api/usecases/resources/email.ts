import type { EntityManager } from '@mikro-orm/postgresql';
import { EmailDomain, Mailbox, type Product } from '../../../db/entities/index.ts';
import { keepSecret } from '../../../db/queries/secrets.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Seal } from '../../../runtime/seal.ts';
import type { ItemConfig } from '../orders/item-config.ts';
import { hashPassword } from '../passwords/hash.ts';
import { metadataOf } from '../products/metadata.ts';
import { randomPassword } from './random.ts';
import { type Added, asciiDomain, dependencies, placeFor, type Site } from './site.ts';

/** E-mail for a domain, with a first mailbox. */
export async function addEmail(site: Site, product: Product, id: string, config: ItemConfig<'email'>): Promise<Added> {
  const { em, customer, seal, path } = site;
  const name = asciiDomain(config.domain, [...path, 'domain']);
  const place = await placeFor({ ...site, path: [...path, 'domain'] }, name, { host: false });
  const emailDomain = em.create(EmailDomain, {
    id,
    tenantId: customer.tenantId,
    customerId: customer.id,
    orderItemId: site.orderItemId,
    productId: product.id,
    name,
    domainId: 'zone' in place ? (place.zone.domainId ?? null) : place.domainId,
    zoneId: 'zone' in place ? place.zone.id : null,
    dkimSelector: 'mp1',
  });
  const { localPart = 'info', password, quotaMb = metadataOf('email', product.metadata).quotaMb } = config;
  await addMailbox({ em, seal }, emailDomain, { localPart, password, quotaMb });
  return {
    resourceId: id,
    jobType: 'email_attach',
    about: name,
    dependsOn: dependencies(place),
    config: { domain: name, localPart, quotaMb },
  };
}

/** A mailbox. Its password is kept as the hash that the mail host needs; a generated one also sealed, to be shown once. */
export async function addMailbox(
  { em, seal }: { em: EntityManager; seal: Seal },
  { id: emailDomainId, tenantId, customerId }: EmailDomain,
  wish: { localPart: string; password: string | undefined; quotaMb: number },
): Promise<Mailbox> {
  const id = newId();
  const generated = wish.password === undefined ? randomPassword() : undefined;
  return em.create(Mailbox, {
    id,
    tenantId,
    customerId,
    emailDomainId,
    localPart: wish.localPart,
    passwordHash: await mailHash(wish.password ?? (generated as string)),
    passwordSecretId: generated ? keepSecret(em, seal, tenantId, `password of mailbox/${id}`, generated) : null,
    quotaMb: wish.quotaMb,
  });
}

/** As Dovecot reads it: the scheme in front. */
export const mailHash = async (password: string): Promise<string> => `{ARGON2ID}${await hashPassword(password)}`;
