import {
  Certificate,
  DnsZone,
  Domain,
  EmailDomain,
  Instance,
  type Product,
  Subscription,
} from '../../db/entities/index.ts';
import { keepSecret } from '../../db/queries/secrets.ts';
import { newId } from '../../runtime/ids.ts';
import type { Api } from './support.ts';

/** What a customer has once their orders are delivered: rows as the workers leave them. */
export async function estate(
  api: Api,
  owner: { tenantId: string; customerId: string; products: Record<'pod' | 'domain' | 'email', Product> },
) {
  const em = api.orm.em.fork();
  const { tenantId, customerId, products } = owner;
  const name = `${newId().slice(-8)}.com`;
  const ids = {
    pod: newId(),
    domain: newId(),
    zone: newId(),
    email: newId(),
    certificate: newId(),
    subscription: newId(),
  };
  const secret = (purpose: string, clear: string) => keepSecret(em, api.seal, tenantId, purpose, clear);
  const expiresAt = new Date('2027-05-01T00:00:00Z');
  em.create(Subscription, {
    id: ids.subscription,
    tenantId,
    customerId,
    productId: products.pod.id,
    resourceId: ids.pod,
    status: 'active',
    billingCycle: 'monthly',
    price: 999,
    currency: 'USD',
    startsAt: new Date(),
    renewsAt: expiresAt,
  });
  em.create(Instance, {
    id: ids.pod,
    tenantId,
    customerId,
    subscriptionId: ids.subscription,
    productId: products.pod.id,
    name: 'web',
    status: 'active',
    kind: 'qemu',
    template: 'CPOD-MINI',
    image: 'debian-12',
    hostname: `www.${name}`,
    cores: 2,
    memoryMb: 2048,
    diskGb: 40,
    passwordSecretId: secret('root', 'the root password'),
  });
  em.create(Domain, {
    id: ids.domain,
    tenantId,
    customerId,
    name,
    status: 'active',
    years: 1,
    contact: {},
    registrant: 'mp-00000000',
    authInfoSecretId: secret('authInfo', 'auth'),
    nameservers: ['ns1.mpanel.test', 'ns2.mpanel.test'],
    expiresAt,
  });
  em.create(DnsZone, { id: ids.zone, tenantId, customerId, domainId: ids.domain, name, status: 'active' });
  em.create(EmailDomain, {
    id: ids.email,
    tenantId,
    customerId,
    domainId: ids.domain,
    zoneId: ids.zone,
    productId: products.email.id,
    name,
    status: 'active',
    dkimSelector: 'mp1',
  });
  em.create(Certificate, {
    id: ids.certificate,
    tenantId,
    customerId,
    domain: `www.${name}`,
    targetId: ids.pod,
    status: 'active',
    chain: '-----BEGIN CERTIFICATE-----\nleaf\n-----END CERTIFICATE-----\n',
    keySecretId: secret('key', '-----BEGIN PRIVATE KEY-----\nkey\n-----END PRIVATE KEY-----\n'),
  });
  await em.flush();
  return { ...ids, name, expiresAt };
}
export type Estate = Awaited<ReturnType<typeof estate>>;
