import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { CERTIFICATE_STATUS, DOMAIN_STATUS, EMAIL_STATUS, MAILBOX_STATUS, ZONE_STATUS } from '../../core/states.ts';
import { customerId } from './access.ts';
import { createdAt, id, updatedAt } from './base.ts';
import { tenantId } from './tenant.ts';

/** A registered name. Dates are the registry's; ours are only a copy. */
export const Domain = defineEntity({
  name: 'Domain',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    { properties: ['tenantId', 'status', 'createdAt', 'id'] },
    { properties: ['customerId', 'createdAt', 'id', 'tenantId'] },
  ],
  uniques: [
    {
      name: 'domain_live',
      expression: `create unique index domain_live on domain (name) where status not in ('pending', 'deleted', 'failed')`,
    },
  ],
  properties: {
    id: id(),
    tenantId: tenantId(),
    customerId: customerId(),
    orderItemId: p.uuid().nullable(),
    /** A-label, lower case, no final dot. */
    name: p.text(),
    status: p.enum(DOMAIN_STATUS).default('pending'),
    years: p.integer(),
    /** As EPP wants it (RFC 5733). */
    contact: p.json<Record<string, unknown>>(),
    /** Our handle of the registrant contact. */
    registrant: p.text(),
    authInfoSecretId: p.uuid(),
    nameservers: p.array().$type<string[]>(),
    /** When we asked for it first; what the registry shows must not be older to be ours. */
    requestedAt: p.datetime(3).nullable(),
    /** When the registry said that it has yet to decide. A name that is not there after that was declined. */
    pendingAt: p.datetime(3).nullable(),
    registeredAt: p.datetime(3).nullable(),
    expiresAt: p.datetime(3).nullable(),
    /** A renewal under way: the expiry it started from is the guard against renewing twice. */
    /** When the reconciler last looked at it at the registry. */
    comparedAt: p.datetime(3).nullable(),
    renewal: p.json<{ from: string; years: number; invoiceId?: string }>().nullable(),
    /** Whether it is renewed ahead of its expiry without anybody asking. */
    autoRenew: p.boolean().default(true),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
});
export type Domain = InferEntity<typeof Domain>;

export const DnsZone = defineEntity({
  name: 'DnsZone',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    { properties: ['customerId', 'createdAt', 'id', 'tenantId'] },
    { properties: ['domainId', 'createdAt', 'id', 'tenantId'] },
  ],
  uniques: [
    {
      name: 'dns_zone_live',
      expression: `create unique index dns_zone_live on dns_zone (name) where status <> 'deleted'`,
    },
  ],
  properties: {
    id: id(),
    tenantId: tenantId(),
    customerId: customerId().nullable(),
    domainId: p.manyToOne(Domain).mapToPk().joinColumn('domain_id').index(false).nullable(),
    /** No final dot. */
    name: p.text(),
    provider: p.text().default('powerdns'),
    status: p.enum(ZONE_STATUS).default('pending'),
    /** Serial at PowerDNS and digest of our records when the two were last found equal, and when that was. */
    compared: p.text().nullable(),
    comparedAt: p.datetime(3).nullable(),
    createdAt: createdAt(),
  },
});
export type DnsZone = InferEntity<typeof DnsZone>;

/** What a zone shall hold: the truth; PowerDNS follows it rrset by rrset. */
export const DnsRecord = defineEntity({
  name: 'DnsRecord',
  indexes: [
    { properties: ['zoneId', 'name', 'type'] },
    { properties: ['zoneId', 'createdAt', 'id', 'tenantId'] },
    { properties: ['managedBy'] },
  ],
  properties: {
    id: id(),
    tenantId: tenantId(),
    zoneId: p.manyToOne(DnsZone).mapToPk().joinColumn('zone_id').index(false),
    type: p.text(),
    /** Relative to the zone, @ for its apex. */
    name: p.text(),
    content: p.text(),
    /** Seconds. */
    ttl: p.integer(),
    priority: p.integer().nullable(),
    /** What of ours needs it, e.g. instance/<id>; null for the customer's own. */
    managedBy: p.text().nullable(),
    createdAt: createdAt(),
  },
});
export type DnsRecord = InferEntity<typeof DnsRecord>;

export const EmailDomain = defineEntity({
  name: 'EmailDomain',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    { properties: ['customerId', 'createdAt', 'id', 'tenantId'] },
    { properties: ['domainId'] },
    { properties: ['zoneId'] },
  ],
  uniques: [
    {
      name: 'email_domain_live',
      expression: `create unique index email_domain_live on email_domain (name) where status not in ('pending', 'deleted', 'failed')`,
    },
  ],
  properties: {
    id: id(),
    tenantId: tenantId(),
    customerId: customerId(),
    domainId: p.manyToOne(Domain).mapToPk().joinColumn('domain_id').nullable(),
    zoneId: p.manyToOne(DnsZone).mapToPk().joinColumn('zone_id').nullable(),
    productId: p.uuid(),
    orderItemId: p.uuid().nullable(),
    name: p.text(),
    status: p.enum(EMAIL_STATUS).default('pending'),
    /** Why its mailboxes are closed: unpaid, or its subscription cancelled. */
    suspendedFor: p.text().nullable(),
    dkimSelector: p.text(),
    /** Base64 of the SubjectPublicKeyInfo, for the TXT record. */
    dkimPublicKey: p.text().nullable(),
    dkimSecretId: p.uuid().nullable(),
    createdAt: createdAt(),
  },
});
export type EmailDomain = InferEntity<typeof EmailDomain>;

export const Mailbox = defineEntity({
  name: 'Mailbox',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    { properties: ['customerId', 'createdAt', 'id', 'tenantId'] },
    { properties: ['emailDomainId', 'createdAt', 'id', 'tenantId'] },
  ],
  uniques: [
    {
      name: 'mailbox_live',
      expression: `create unique index mailbox_live on mailbox (email_domain_id, local_part) where status not in ('deleted', 'failed')`,
    },
  ],
  properties: {
    id: id(),
    tenantId: tenantId(),
    customerId: customerId(),
    emailDomainId: p.manyToOne(EmailDomain).mapToPk().joinColumn('email_domain_id').index(false),
    localPart: p.text(),
    /** {ARGON2ID}… : all that the mail host needs, and all that we keep. */
    passwordHash: p.text(),
    /** Set while a generated password waits to be shown once. */
    passwordSecretId: p.uuid().nullable(),
    quotaMb: p.integer(),
    status: p.enum(MAILBOX_STATUS).default('pending'),
    createdAt: createdAt(),
  },
});
export type Mailbox = InferEntity<typeof Mailbox>;

/** Our account at one ACME CA. */
export const AcmeAccount = defineEntity({
  name: 'AcmeAccount',
  properties: {
    directoryUrl: p.text().primary(),
    url: p.text().nullable(),
    keySecretId: p.uuid(),
    createdAt: createdAt(),
  },
});
export type AcmeAccount = InferEntity<typeof AcmeAccount>;

export const Certificate = defineEntity({
  name: 'Certificate',
  indexes: [
    { properties: ['tenantId', 'createdAt', 'id'] },
    { properties: ['tenantId', 'status', 'createdAt', 'id'] },
    { properties: ['customerId', 'createdAt', 'id', 'tenantId'] },
    { properties: ['targetId', 'createdAt', 'id', 'tenantId'] },
  ],
  properties: {
    id: id(),
    tenantId: tenantId(),
    customerId: customerId(),
    /** The name it is for. */
    domain: p.text(),
    type: p.enum(['letsencrypt'] as const).default('letsencrypt'),
    /** The instance that serves it. */
    targetId: p.uuid().nullable(),
    status: p.enum(CERTIFICATE_STATUS).default('pending'),
    /** The running order: its URL leads to all else of it. */
    order: p.json<{ url: string | null }>().nullable(),
    keySecretId: p.uuid().nullable(),
    csr: p.text().nullable(),
    /** PEM, leaf first. */
    chain: p.text().nullable(),
    /** The job that had it issued. */
    issuedBy: p.uuid().nullable(),
    serial: p.text().nullable(),
    notBefore: p.datetime(3).nullable(),
    notAfter: p.datetime(3).nullable(),
    /** When the reconciler last asked the CA about it. */
    comparedAt: p.datetime(3).nullable(),
    /** When it is to be renewed, and when the CA is asked again for its wish; null: not looked at yet. */
    renewAt: p.datetime(3).nullable(),
    lookAt: p.datetime(3).nullable(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
});
export type Certificate = InferEntity<typeof Certificate>;
