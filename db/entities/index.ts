import { Customer, RefreshToken, User } from './access.ts';
import { AuditDraft, AuditEvent, AuditHead } from './audit.ts';
import { CloneLine, Image, Instance, InstanceAddon, IpAddress, Node, VmidSlot } from './compute.ts';
import { Coupon, CouponUse } from './coupon.ts';
import { AcmeAccount, Certificate, DnsRecord, DnsZone, Domain, EmailDomain, Mailbox } from './domain.ts';
import { DriftCheck, Finding } from './drift.ts';
import { IdempotencyKey, Job, JobStep, Notification, Outbox, ProviderProbe, Secret, SystemEvent } from './job.ts';
import { JobEvent, RateLimit, StreamTicket } from './live.ts';
import { Invoice, InvoiceLine, Order, OrderItem, Product, Subscription, TldPrice } from './ordering.ts';
import { CheckoutSession, Payment, Refund, StripeEvent } from './payment.ts';
import { TaxRate, VatCheck } from './tax.ts';
import { Tenant } from './tenant.ts';

export {
  AcmeAccount, AuditDraft, AuditEvent, AuditHead, Certificate, CheckoutSession, CloneLine, Coupon, CouponUse, Customer, DnsRecord, DnsZone, Domain, DriftCheck, EmailDomain, Finding, IdempotencyKey, Image, Instance,
  InstanceAddon, Invoice, InvoiceLine, IpAddress, Job, JobEvent, JobStep, Mailbox, Node, Notification, Order, OrderItem, Outbox, Payment, Product,
  ProviderProbe, RateLimit, RefreshToken, Refund, Secret, StreamTicket, StripeEvent, Subscription, SystemEvent, TaxRate, Tenant, TldPrice, User, VatCheck, VmidSlot,
}; // biome-ignore format: a list

export const entities = [
  AcmeAccount, AuditDraft, AuditEvent, AuditHead, Certificate, CheckoutSession, CloneLine, Coupon, CouponUse, Customer, DnsRecord, DnsZone, Domain, DriftCheck, EmailDomain, Finding, IdempotencyKey, Image, Instance,
  InstanceAddon, Invoice, InvoiceLine, IpAddress, Job, JobEvent, JobStep, Mailbox, Node, Notification, Order, OrderItem, Outbox, Payment, Product,
  ProviderProbe, RateLimit, Refund, RefreshToken, Secret, StreamTicket, StripeEvent, Subscription, SystemEvent, TaxRate, Tenant, TldPrice, User, VatCheck, VmidSlot,
]; // biome-ignore format: a list
