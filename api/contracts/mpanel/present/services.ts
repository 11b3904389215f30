import type { z } from 'zod';
import { statusOf } from '../../../../core/heartbeat.ts';
import { toDecimal } from '../../../../core/money.ts';
import type {
  Certificate,
  DnsRecord,
  DnsZone,
  Domain,
  EmailDomain,
  Instance,
  Mailbox,
  Node,
} from '../../../../db/entities/index.ts';
import type { Made } from '../../../usecases/bought.ts';
import type { Offer } from '../../../usecases/domains/search.ts';
import type * as schemas from '../schemas/index.ts';
import { moment } from './common.ts';
import { presentInvoiceSummary } from './ordering.ts';

export function presentCloudPod(instance: Instance): z.infer<typeof schemas.CloudPod> {
  const { id, tenantId, customerId, productId, name, status, kind, template, image, hostname } = instance;
  return {
    id,
    tenantId,
    customerId,
    subscriptionId: instance.subscriptionId ?? null,
    productId,
    name,
    status,
    kind,
    template,
    image,
    hostname,
    cpu: instance.cores,
    ramMb: instance.memoryMb,
    diskGb: instance.diskGb,
    ipv4: instance.ipv4 ?? null,
    ipv6: instance.ipv6 ?? null,
    createdAt: instance.createdAt.toISOString(),
  };
}

export function presentServer(node: Node): z.infer<typeof schemas.Server> {
  const { id, name, role, ip, cores, memoryMb, diskGb } = node;
  return {
    id,
    name,
    role,
    ip,
    status: statusOf(node, new Date()),
    lastHeartbeatAt: moment(node.lastHeartbeatAt),
    capacity: { cores, memoryMb, diskGb },
  };
}

export function presentDomain(domain: Domain): z.infer<typeof schemas.Domain> {
  const { id, tenantId, customerId, name, status, years, nameservers } = domain;
  return {
    id,
    tenantId,
    customerId,
    domain: name,
    status,
    years,
    nameservers,
    registeredAt: moment(domain.registeredAt),
    expiresAt: moment(domain.expiresAt),
    autoRenew: domain.autoRenew,
    createdAt: domain.createdAt.toISOString(),
  };
}

export function presentOffer({ name, available, price, reason }: Offer): z.infer<typeof schemas.DomainOffer> {
  return { query: name, available, price: price && presentPrice(price), reason };
}

function presentPrice({ register, renew, transfer, currency }: NonNullable<Offer['price']>) {
  const decimal = (amount: number) => toDecimal(amount, currency);
  return { register: decimal(register), renew: decimal(renew), transfer: decimal(transfer), currency };
}

export function presentZone(zone: DnsZone): z.infer<typeof schemas.DnsZone> {
  const { id, tenantId, name, provider, status } = zone;
  return {
    id,
    tenantId,
    customerId: zone.customerId ?? null,
    domainId: zone.domainId ?? null,
    domain: name,
    provider,
    status,
    createdAt: zone.createdAt.toISOString(),
  };
}

export function presentRecord(record: DnsRecord): z.infer<typeof schemas.DnsRecord> {
  const { id, zoneId, type, name, content, ttl } = record;
  return {
    id,
    zoneId,
    type,
    name,
    content,
    ttl,
    priority: record.priority ?? null,
    managedBy: record.managedBy ?? null,
    createdAt: record.createdAt.toISOString(),
  };
}

export function presentEmailDomain(domain: EmailDomain): z.infer<typeof schemas.EmailDomain> {
  const { id, tenantId, customerId, productId, name, status, dkimSelector } = domain;
  return {
    id,
    tenantId,
    customerId,
    domainId: domain.domainId ?? null,
    productId,
    domain: name,
    status,
    dkimSelector,
    createdAt: domain.createdAt.toISOString(),
  };
}

export function presentMailbox(mailbox: Mailbox): z.infer<typeof schemas.Mailbox> {
  const { id, tenantId, customerId, emailDomainId, localPart, quotaMb, status } = mailbox;
  return {
    id,
    tenantId,
    customerId,
    emailDomainId,
    localPart,
    quotaMb,
    status,
    createdAt: mailbox.createdAt.toISOString(),
  };
}

export function presentCertificate(certificate: Certificate): z.infer<typeof schemas.Certificate> {
  const { id, tenantId, customerId, domain, type, status } = certificate;
  return {
    id,
    tenantId,
    customerId,
    domain,
    type,
    targetId: certificate.targetId ?? null,
    status,
    serial: certificate.serial ?? null,
    notBefore: moment(certificate.notBefore),
    notAfter: moment(certificate.notAfter),
    createdAt: certificate.createdAt.toISOString(),
  };
}

/** What a customer has to pay before it begins; nothing where staff made it. */
export function presentBought({ bought }: Made) {
  if (!bought) return {};
  const { id, status, total, currency } = bought.order;
  return {
    order: { id, status, total: toDecimal(total, currency), currency },
    invoice: presentInvoiceSummary(bought.invoice),
  };
}
