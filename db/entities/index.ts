import { Customer, RefreshToken, User } from './access.ts';
import { AuditDraft, AuditEvent, AuditHead } from './audit.ts';
import { CloneLine, Image, Instance, InstanceAddon, IpAddress, Node, VmidSlot } from './compute.ts';
import { Coupon, CouponUse } from './coupon.ts';
import { AcmeAccount, Certificate, DnsRecord, DnsZone, Domain, EmailDomain, Mailbox } from './domain.ts';
import { DriftCheck, Finding } from './drift.ts';
import { GuardianFinding, GuardianInstance, GuardianRemediation, GuardianScan } from './guardian.ts';
import { IdempotencyKey, Job, JobStep, Notification, Outbox, ProviderProbe, Secret, SystemEvent } from './job.ts';
import { JobEvent, RateLimit, StreamTicket } from './live.ts';
import { OidcConnection, OidcIdentity, OidcLogin, OidcLogout, OidcSession, OidcTicket } from './oidc.ts';
import { Invoice, InvoiceLine, Order, OrderItem, Product, Subscription, TldPrice } from './ordering.ts';
import { CheckoutSession, Payment, Refund, StripeEvent } from './payment.ts';
import { ApiKey, MailedToken, RecoveryCode, SecondFactor, SignInGuard } from './sign-in.ts';
import { TaxRate, VatCheck } from './tax.ts';
import { Tenant } from './tenant.ts';

export {
  AcmeAccount, ApiKey, AuditDraft, AuditEvent, AuditHead, Certificate, CheckoutSession, CloneLine, Coupon, CouponUse, Customer, DnsRecord, DnsZone,
  Domain, DriftCheck, EmailDomain, Finding, GuardianFinding, GuardianInstance, GuardianRemediation, GuardianScan, IdempotencyKey, Image, Instance, InstanceAddon, Invoice, InvoiceLine, IpAddress, Job, JobEvent, JobStep,
  Mailbox, MailedToken, Node, Notification, OidcConnection, OidcIdentity, OidcLogin, OidcLogout, OidcSession, OidcTicket, Order, OrderItem, Outbox,
  Payment, Product, ProviderProbe, RateLimit, RecoveryCode, RefreshToken, Refund, SecondFactor, Secret, SignInGuard, StreamTicket, StripeEvent,
  Subscription, SystemEvent, TaxRate, Tenant, TldPrice, User, VatCheck, VmidSlot,
}; // biome-ignore format: a list

export const entities = [
  AcmeAccount, ApiKey, AuditDraft, AuditEvent, AuditHead, Certificate, CheckoutSession, CloneLine, Coupon, CouponUse, Customer, DnsRecord, DnsZone,
  Domain, DriftCheck, EmailDomain, Finding, GuardianFinding, GuardianInstance, GuardianRemediation, GuardianScan, IdempotencyKey, Image, Instance, InstanceAddon, Invoice, InvoiceLine, IpAddress, Job, JobEvent, JobStep,
  Mailbox, MailedToken, Node, Notification, OidcConnection, OidcIdentity, OidcLogin, OidcLogout, OidcSession, OidcTicket, Order, OrderItem, Outbox,
  Payment, Product, ProviderProbe, RateLimit, RecoveryCode, RefreshToken, Refund, SecondFactor, Secret, SignInGuard, StreamTicket, StripeEvent,
  Subscription, SystemEvent, TaxRate, Tenant, TldPrice, User, VatCheck, VmidSlot,
]; // biome-ignore format: a list

export { LINK } from './job.ts';
export type { RoleRule } from './oidc.ts';
