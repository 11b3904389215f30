import { z } from 'zod';
import * as guardian from '../../../core/guardian.ts';
import { isPayable } from '../../../core/money.ts';
import { BILLING_CYCLES } from '../../../core/period.ts';
import { inUnion } from '../../../core/pricing/place.ts';
import { isPercent, TAX_CATEGORIES } from '../../../core/pricing/rate.ts';
import { vatNumber } from '../../../core/pricing/vat-number.ts';
import * as states from '../../../core/states.ts';
import { JOB_TYPES } from '../../../workflows/catalog.ts';
import { ITEM_CONFIG } from '../../usecases/orders/item-config.ts';
import { METADATA } from '../../usecases/products/metadata.ts';

/** Shapes that the contract's answers are made of. What the document does not show is a declared addition. */

export const uuid = z.uuid();
export const timestamp = z.iso.datetime();
export const money = z.number();
/** Tax in per cent. */
export const percent = z.number().min(0).max(100);
export const currency = z.string().length(3);
const nullableUuid = uuid.nullable();
const nullableTime = timestamp.nullable();

export const empty = z.undefined();

/** A page of a list. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    items: z.array(item),
    total: z.number().int(),
    /** Present when there are more than 10,000 and the total is the planner's guess. */
    totalIsEstimate: z.literal(true).optional(),
  });

export const pageQuery = {
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  pageSize: z.coerce.number().int().min(1).max(200).default(20),
  sort: z.enum(['createdAt', '-createdAt']).default('-createdAt'),
};

export const byId = z.strictObject({ id: uuid });

/** Text of a person or a company, one line. */
export const line = (max = 200) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'control characters are not allowed');

export const Address = z
  .strictObject({
    line1: line(),
    line2: line().optional(),
    city: line(100),
    state: line(100).optional(),
    postalCode: line(20).optional(),
    country: z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166-1 alpha-2 code like US'),
  })
  .meta({ id: 'Address' });

/** A VAT number of the European Union, written as VIES takes it. */
export const VatId = z
  .string()
  .max(30)
  .transform((id) => id.replace(/[ .-]/g, '').toUpperCase())
  .pipe(z.string().regex(/^[A-Z]{2}[0-9A-Z+*]{2,12}$/, 'a VAT number like DE123456789'))
  .refine((id) => inUnion(vatNumber(id).country), 'of no member state');

export const phone = z.string().regex(/^\+?[0-9][0-9 ().-]{2,24}$/, 'a telephone number like +1-555-1234');
/** Of at most 64 octets before the @ (RFC 5321 4.5.3.1.1) and 254 in all. */
export const email = z
  .email()
  .max(254)
  .regex(/^[^@]{1,64}@/, 'at most 64 characters before the @');
/** One that is chosen now. */
export const password = z.string().min(10).max(1024);

const user = { id: uuid, name: z.string(), email: z.string(), roles: z.array(z.string()), tenantId: uuid };

export const Session = z
  .strictObject({ token: z.string(), refreshToken: z.string(), user: z.strictObject(user) })
  .meta({ id: 'Session' });

/** What a sign-in still needs, in the place of its tokens. */
export const Challenged = z
  .strictObject({ secondFactor: z.strictObject({ challenge: z.string(), expiresAt: timestamp }) })
  .meta({ id: 'Challenged' });

export const Renewed = z
  .strictObject({ token: z.string(), refreshToken: z.string().optional() })
  .meta({ id: 'RenewedSession' });

export const Me = z
  .strictObject({ ...user, permissions: z.array(z.string()), customerId: nullableUuid, secondFactor: z.boolean() })
  .meta({ id: 'Me' });

export const User = z
  .strictObject({
    ...user,
    customerId: nullableUuid,
    permissions: z.array(z.string()),
    status: z.enum(states.USER_STATUS),
    createdAt: timestamp,
  })
  .meta({ id: 'User' });

export const RoleRule = z
  .strictObject({
    value: line(),
    role: z.enum(['admin', 'staff', 'reseller', 'customer']),
    permissions: z.array(z.string().max(60)).max(100).default([]),
  })
  .meta({ id: 'RoleRule' });

export const OidcConnection = z
  .strictObject({
    id: uuid,
    name: z.string(),
    issuer: z.string(),
    clientId: z.string(),
    roleClaim: z.string(),
    roleRules: z.array(RoleRule),
    domains: z.array(z.string()),
    createdAt: timestamp,
  })
  .meta({ id: 'OidcConnection' });

export const ApiKey = z
  .strictObject({
    id: uuid,
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.string()),
    expiresAt: nullableTime,
    lastUsedAt: nullableTime,
    createdAt: timestamp,
  })
  .meta({ id: 'ApiKey' });

export const Tenant = z
  .strictObject({ id: uuid, name: z.string(), status: z.enum(states.TENANT_STATUS), createdAt: timestamp })
  .meta({ id: 'Tenant' });

export const SystemEvent = z
  .strictObject({
    id: uuid,
    tenantId: nullableUuid,
    /** noun.what */
    type: z.string(),
    level: z.enum(states.EVENT_LEVELS),
    message: z.string(),
    data: z.record(z.string(), z.unknown()),
    createdAt: timestamp,
  })
  .meta({ id: 'SystemEvent' });

const load = { cores: z.number().int(), memoryMb: z.number().int() };

/** As of each host's last heartbeat; usage is a share from 0 to 1, null where a host does not tell. */
export const SystemHealth = z
  .strictObject({
    status: z.enum(['ok', 'degraded', 'down']),
    hosts: z.array(
      z.strictObject({
        id: uuid,
        name: z.string(),
        role: z.string(),
        status: z.enum(states.NODE_STATUS),
        lastHeartbeatAt: nullableTime,
        ...load,
        cpuUsage: z.number().nullable(),
        memoryUsedMb: z.number().int().nullable(),
        uptimeSeconds: z.number().int().nullable(),
      }),
    ),
    /** Of the hosts that are online. */
    totals: z.strictObject({ ...load, cpuUsage: z.number(), memoryUsedMb: z.number().int() }),
    offline: z.number().int(),
    queue: z.strictObject({ pending: z.number().int(), oldestSeconds: z.number(), blocked: z.number().int() }),
    database: z.strictObject({
      connections: z.number().int(),
      maxConnections: z.number().int(),
      sizeMb: z.number().int(),
    }),
  })
  .meta({ id: 'SystemHealth' });

export const Customer = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    name: z.string(),
    email: z.string(),
    phone: z.string().nullable(),
    address: Address.nullable(),
    vatId: z.string().nullable(),
    vatStatus: z.enum(states.VAT_STATUS).nullable(),
    status: z.enum(states.CUSTOMER_STATUS),
    createdAt: timestamp,
  })
  .meta({ id: 'Customer' });

export const Job = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    type: z.enum(JOB_TYPES),
    status: z.enum(states.JOB_STATUS),
    targetId: uuid,
    parentJobId: nullableUuid,
    orderId: nullableUuid,
    /** Where it stands, and what it waits for in words. */
    step: z.string().nullable(),
    reason: z.string().nullable(),
    createdAt: timestamp,
    updatedAt: timestamp,
    endedAt: nullableTime,
  })
  .meta({ id: 'Job' });

export const JobStep = z
  .strictObject({
    name: z.string(),
    status: z.enum(states.STEP_STATUS),
    attempt: z.number().int(),
    error: z.string().nullable(),
    startedAt: nullableTime,
    endedAt: nullableTime,
  })
  .meta({ id: 'JobStep' });

export const JobWithSteps = Job.extend({ steps: z.array(JobStep) }).meta({ id: 'JobWithSteps' });

const toldOf = { jobId: uuid, type: z.enum(JOB_TYPES), at: timestamp };

/** Data of a `job` event: what a job became. */
const JobTold = z
  .strictObject({ ...toldOf, status: z.enum(states.JOB_STATUS), reason: z.string().nullable(), endedAt: nullableTime })
  .meta({ id: 'JobTold' });

/** Data of a `step` event: what one of its steps became. */
const StepTold = JobStep.extend(toldOf).meta({ id: 'StepTold' });

export const Told = z.union([StepTold, JobTold]);

export const StreamTicket = z.strictObject({ ticket: z.string(), expiresAt: timestamp }).meta({ id: 'StreamTicket' });

/** What a create or an action answers of the job it began. */
export const JobRef = z
  .strictObject({ id: uuid, type: z.enum(JOB_TYPES), status: z.enum(states.JOB_STATUS) })
  .meta({ id: 'JobRef' });

const BillingCycle = z.enum(BILLING_CYCLES);

export const Invoice = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    orderId: nullableUuid,
    subscriptionId: nullableUuid,
    periodStart: nullableTime,
    periodEnd: nullableTime,
    dueAt: nullableTime,
    status: z.enum(states.INVOICE_STATUS),
    currency,
    pricesIncludeTax: z.boolean(),
    /** The buyer owes the tax. */
    reverseCharge: z.boolean(),
    items: z.array(
      z.strictObject({
        description: z.string(),
        quantity: z.number().int(),
        unitPrice: money,
        /** As listed: quantity × unitPrice. */
        total: money,
        discount: money,
        net: money,
        taxRate: percent,
        tax: money,
      }),
    ),
    discount: money,
    /** After the discount, without tax. */
    subtotal: money,
    tax: money,
    total: money,
    amountRefunded: money,
    taxCredited: money,
    /** What was taken back of the invoice, the oldest first. */
    creditNotes: z.array(
      z.strictObject({
        id: uuid,
        reason: z.string(),
        net: money,
        tax: money,
        total: money,
        /** Whether the money has left. */
        refundStatus: z.enum(['pending', 'succeeded', 'failed']),
        createdAt: timestamp,
      }),
    ),
    paidAt: nullableTime,
    createdAt: timestamp,
  })
  .meta({ id: 'Invoice' });

export const InvoiceSummary = z
  .strictObject({ id: uuid, status: z.enum(states.INVOICE_STATUS), amount: money })
  .meta({ id: 'InvoiceSummary' });

export const CheckoutSession = z
  .strictObject({ provider: z.literal('stripe'), sessionId: z.string(), checkoutUrl: z.string() })
  .meta({ id: 'CheckoutSession' });

export const Subscription = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    productId: uuid,
    resourceId: uuid,
    status: z.enum(states.SUBSCRIPTION_STATUS),
    billingCycle: BillingCycle,
    price: money,
    pricesIncludeTax: z.boolean(),
    currency,
    startsAt: nullableTime,
    renewsAt: nullableTime,
    cancelAtPeriodEnd: z.boolean(),
    createdAt: timestamp,
  })
  .meta({ id: 'Subscription' });

export const CloudPod = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    subscriptionId: nullableUuid,
    productId: uuid,
    name: z.string(),
    status: z.enum(states.INSTANCE_STATUS),
    kind: z.enum(['qemu', 'lxc']),
    template: z.string(),
    image: z.string(),
    hostname: z.string(),
    cpu: z.number().int(),
    ramMb: z.number().int(),
    diskGb: z.number().int(),
    ipv4: z.string().nullable(),
    ipv6: z.string().nullable(),
    createdAt: timestamp,
  })
  .meta({ id: 'CloudPod' });

export const Server = z
  .strictObject({
    id: uuid,
    name: z.string(),
    role: z.string(),
    ip: z.string(),
    status: z.enum(states.NODE_STATUS),
    lastHeartbeatAt: nullableTime,
    capacity: z.strictObject({ cores: z.number().int(), memoryMb: z.number().int(), diskGb: z.number().int() }),
  })
  .meta({ id: 'Server' });

export const Domain = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    domain: z.string(),
    status: z.enum(states.DOMAIN_STATUS),
    years: z.number().int(),
    nameservers: z.array(z.string()),
    registeredAt: nullableTime,
    expiresAt: nullableTime,
    autoRenew: z.boolean(),
    createdAt: timestamp,
  })
  .meta({ id: 'Domain' });

export const DomainOffer = z
  .strictObject({
    query: z.string(),
    available: z.boolean(),
    /** Null for a top-level domain that is not sold here. */
    price: z.strictObject({ register: money, renew: money, transfer: money, currency }).nullable(),
    /** Why it is not available. */
    reason: z.string().nullable(),
  })
  .meta({ id: 'DomainOffer' });

export const DnsZone = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: nullableUuid,
    domainId: nullableUuid,
    domain: z.string(),
    provider: z.string(),
    status: z.enum(states.ZONE_STATUS),
    createdAt: timestamp,
  })
  .meta({ id: 'DnsZone' });

export const DnsRecord = z
  .strictObject({
    id: uuid,
    zoneId: uuid,
    type: z.string(),
    name: z.string(),
    content: z.string(),
    ttl: z.number().int(),
    priority: z.number().int().nullable(),
    /** What of the platform needs it, e.g. instance/<id>; such a record is not edited by hand. */
    managedBy: z.string().nullable(),
    createdAt: timestamp,
  })
  .meta({ id: 'DnsRecord' });

export const EmailDomain = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    domainId: nullableUuid,
    productId: uuid,
    domain: z.string(),
    status: z.enum(states.EMAIL_STATUS),
    dkimSelector: z.string(),
    createdAt: timestamp,
  })
  .meta({ id: 'EmailDomain' });

export const Mailbox = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    emailDomainId: uuid,
    localPart: z.string(),
    quotaMb: z.number().int(),
    status: z.enum(states.MAILBOX_STATUS),
    createdAt: timestamp,
  })
  .meta({ id: 'Mailbox' });

export const Certificate = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    domain: z.string(),
    type: z.literal('letsencrypt'),
    targetId: nullableUuid,
    status: z.enum(states.CERTIFICATE_STATUS),
    serial: z.string().nullable(),
    notBefore: nullableTime,
    notAfter: nullableTime,
    createdAt: timestamp,
  })
  .meta({ id: 'Certificate' });

const country = Address.shape.country;

/** How a tenant sells. */
export const BillingSettings = z
  .strictObject({
    /** Where it sells from; null: it charges no tax. */
    country: country.nullable(),
    pricesIncludeTax: z.boolean(),
    /** Its own VAT number. */
    vatId: z.string().nullable(),
  })
  .meta({ id: 'BillingSettings' });

/** PostgreSQL knows no year 0. */
const known = [(day: string) => day >= '0001', 'of no year that there is'] as const;

const taxRate = {
  country,
  category: z.enum(TAX_CATEGORIES).exclude(['exempt']),
  rate: percent.refine(isPercent, 'at most four digits after the point'),
  /** In force from this day on, in UTC, until the next one of its country and category. */
  validFrom: z.iso.date().refine(...known),
};

export const TaxRate = z
  .strictObject({ id: uuid, tenantId: uuid, ...taxRate, createdAt: timestamp })
  .meta({ id: 'TaxRate' });

export const NewTaxRate = z
  .strictObject({ ...taxRate, category: taxRate.category.default('standard') })
  .meta({ id: 'NewTaxRate' });

const payable = ({ amount, currency }: { amount: number; currency: string }) => isPayable(amount, currency);
const TOO_FINE = 'more digits than can be charged in the currency';

const couponTerms = {
  /** Without regard to case. */
  code: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{1,59}$/, 'letters, digits, - and _')
    .transform((code) => code.toUpperCase()),
  recurring: z.boolean(),
  maxUses: z.number().int().min(1).max(1e9).nullable(),
  maxUsesPerCustomer: z.number().int().min(1).max(1e9).nullable(),
  validFrom: timestamp.refine(...known).nullable(),
  validUntil: timestamp.refine(...known).nullable(),
  /** None: it is for everything. */
  productIds: z.array(uuid).max(200),
};
const off = {
  percent: z.number().gt(0).max(100).refine(isPercent, 'at most four digits after the point'),
  amount: z.number().gt(0).max(1e9),
  currency: z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code like USD'),
};
const newTerms = {
  ...couponTerms,
  recurring: couponTerms.recurring.default(false),
  maxUses: couponTerms.maxUses.default(null),
  maxUsesPerCustomer: couponTerms.maxUsesPerCustomer.default(null),
  validFrom: couponTerms.validFrom.default(null),
  validUntil: couponTerms.validUntil.default(null),
  productIds: couponTerms.productIds.default([]),
};

export const Coupon = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    ...couponTerms,
    code: z.string(),
    kind: z.enum(['percent', 'fixed']),
    percent: z.number().nullable(),
    amount: money.nullable(),
    currency: currency.nullable(),
    /** By orders that are paid or may still be. */
    uses: z.number().int(),
    createdAt: timestamp,
  })
  .meta({ id: 'Coupon' });

export const NewCoupon = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...newTerms, kind: z.literal('percent'), percent: off.percent }),
    z
      .strictObject({ ...newTerms, kind: z.literal('fixed'), amount: off.amount, currency: off.currency })
      .refine(payable, { path: ['amount'], message: TOO_FINE }),
  ])
  .meta({ id: 'NewCoupon' });

/** What may be changed of a coupon; its kind stays, and amount and currency go together. */
export const CouponChanges = z
  .strictObject({ ...couponTerms, kind: z.enum(['percent', 'fixed']), ...off })
  .partial()
  .refine(({ amount, currency }) => (amount === undefined) === (currency === undefined), {
    path: ['currency'],
    message: 'goes with the amount',
  })
  .refine(({ amount, currency }) => !amount || !currency || payable({ amount, currency }), {
    path: ['amount'],
    message: TOO_FINE,
  })
  .meta({ id: 'CouponChanges' });

const BillingPrice = z
  .strictObject({
    cycle: BillingCycle,
    price: z.number().min(0).max(1e9),
    currency: z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code like USD'),
  })
  .refine(({ price, currency }) => isPayable(price, currency), TOO_FINE);

/** An object whose shape follows from the product's type: documented here, read by the use case, which knows the product. */
function oneOfTypes(schemas: Record<string, z.ZodType>) {
  const anyOf = Object.values(schemas).map((schema) => {
    const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    return shape;
  });
  return z.record(z.string(), z.unknown()).meta({ anyOf });
}

const productBase = {
  name: line(),
  sku: z.string().regex(/^[A-Z0-9][A-Z0-9_-]{0,59}$/, 'capital letters, digits, - and _'),
  billingCycles: z
    .array(BillingPrice)
    .min(1)
    .max(3)
    .refine((prices) => new Set(prices.map((price) => price.cycle)).size === prices.length, 'each cycle once'),
  status: z.enum(states.PRODUCT_STATUS),
  taxCategory: z.enum(TAX_CATEGORIES),
};

/** One shape for each type: what the metadata holds follows from it. */
const product = <T extends z.ZodRawShape>(extra: T) =>
  z.discriminatedUnion('type', [
    z.strictObject({ ...extra, type: z.literal('cloudpod'), metadata: METADATA.cloudpod }),
    z.strictObject({ ...extra, type: z.literal('domain'), metadata: METADATA.domain }),
    z.strictObject({ ...extra, type: z.literal('email'), metadata: METADATA.email }),
    z.strictObject({ ...extra, type: z.literal('backup'), metadata: METADATA.backup }),
    z.strictObject({ ...extra, type: z.literal('addon'), metadata: METADATA.addon }),
  ]);

export const Product = product({ ...productBase, id: uuid, tenantId: uuid, createdAt: timestamp }).meta({
  id: 'Product',
});

const { status: _status, ...offered } = { ...productBase, id: uuid };
const offer = <T extends states.ProductType>(type: T) =>
  z.strictObject({ ...offered, type: z.literal(type), metadata: METADATA[type] });

/** A product on sale that stands by itself. */
export const BillingPlan = z
  .discriminatedUnion('type', [offer('cloudpod'), offer('domain'), offer('email')])
  .meta({ id: 'BillingPlan' });

/** A product on sale that belongs to a CloudPod. */
export const BillingAddon = z
  .discriminatedUnion('type', [offer('backup'), offer('addon')])
  .meta({ id: 'BillingAddon' });

export const NewProduct = product({
  ...productBase,
  status: productBase.status.default('active'),
  taxCategory: productBase.taxCategory.default('standard'),
}).meta({
  id: 'NewProduct',
});

export const OrderItem = z
  .strictObject({
    id: uuid,
    productId: uuid,
    parentItemId: nullableUuid,
    type: z.enum(states.PRODUCT_TYPES),
    description: z.string(),
    billingCycle: BillingCycle,
    price: money,
    discount: money,
    tax: money,
    /** What is paid for it, and what goes back when it is not delivered. */
    charged: money,
    status: z.enum(states.ITEM_STATUS),
    /** The CloudPod, domain, e-mail domain or add-on that delivers it. */
    resourceId: uuid,
    reason: z.string().nullable(),
  })
  .meta({ id: 'OrderItem' });

export const Order = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    customerId: uuid,
    status: z.enum(states.ORDER_STATUS),
    total: money,
    currency,
    couponCode: z.string().nullable(),
    paymentDueAt: timestamp,
    jobId: uuid,
    invoiceId: uuid,
    items: z.array(OrderItem),
    createdAt: timestamp,
    endedAt: nullableTime,
  })
  .meta({ id: 'Order' });

export const PlacedOrder = z.strictObject({ order: Order, invoice: InvoiceSummary }).meta({ id: 'PlacedOrder' });

/** Where a customer asked for something that costs money: what has to be paid first. */
export const orderOfIt = {
  order: z.strictObject({ id: uuid, status: z.enum(states.ORDER_STATUS), total: money, currency }).optional(),
  invoice: InvoiceSummary.optional(),
};

/** What may be changed of a product; its type stays. The metadata is read by the type. */
export const ProductChanges = z
  .strictObject({
    ...productBase,
    type: z.enum(states.PRODUCT_TYPES),
    metadata: oneOfTypes(METADATA),
  })
  .partial()
  .meta({ id: 'ProductChanges' });

const quantity = z.number().int().min(1).max(20);

export const NewOrder = z
  .strictObject({
    customerId: uuid,
    items: z
      .array(
        z.strictObject({
          productId: uuid,
          billingCycle: BillingCycle,
          quantity: quantity.default(1),
          /** By the product's type. */
          config: oneOfTypes(ITEM_CONFIG).optional(),
          addons: z
            .array(z.strictObject({ productId: uuid, quantity: quantity.default(1) }))
            .max(10)
            .optional(),
        }),
      )
      .min(1)
      .max(50),
    couponCode: z.string().min(1).max(60).optional(),
  })
  .meta({ id: 'NewOrder' });

const columns = z.record(z.string(), z.unknown()).nullable();

/** Declared: actorType, before, after, requestId, address, and its place in the chain. */
export const AuditEvent = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    actorType: z.enum(states.ACTOR_TYPES),
    actorId: nullableUuid,
    action: z.string(),
    resourceType: z.string(),
    resourceId: z.string(),
    metadata: z.record(z.string(), z.unknown()),
    before: columns,
    after: columns,
    requestId: z.string().nullable(),
    address: z.string().nullable(),
    createdAt: timestamp,
    seq: z.number().int(),
    prevHash: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEvent' });

export const GuardianInstance = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    /** Whether scans come by themselves. */
    enabled: z.boolean(),
    /** The firewall plan: TCP ports that may be open at the tenant's addresses. */
    allowedPorts: z.array(z.number().int()),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'GuardianInstance' });

const count = z.number().int();

export const GuardianScan = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    jobId: uuid,
    /** Null: it was due. */
    requestedBy: nullableUuid,
    status: z.enum(guardian.SCAN_STATUS),
    checks: z.array(
      z.strictObject({
        name: z.enum(guardian.CHECKS),
        done: z.boolean(),
        looked: count,
        found: count,
        missed: count,
        /** What could not be looked at, and why. */
        detail: z.string().nullable(),
      }),
    ),
    createdAt: timestamp,
    startedAt: nullableTime,
    endedAt: nullableTime,
  })
  .meta({ id: 'GuardianScan' });

export const GuardianFinding = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    check: z.enum(guardian.CHECKS),
    kind: z.enum(Object.keys(guardian.WEAKNESS) as guardian.WeaknessKind[]),
    severity: z.enum(guardian.SEVERITIES),
    state: z.enum(guardian.WEAKNESS_STATE),
    resourceType: z.string(),
    resourceId: uuid,
    subject: z.string(),
    /** In a sentence. */
    text: z.string(),
    /** What was seen. */
    evidence: z.record(z.string(), z.unknown()),
    /** What can be requested about it; null: only a person can mend it. */
    remedy: z.enum(guardian.REMEDIES).nullable(),
    firstSeenAt: timestamp,
    lastSeenAt: timestamp,
    resolvedAt: nullableTime,
  })
  .meta({ id: 'GuardianFinding' });

const approval = z.strictObject({ userId: uuid, at: timestamp }).nullable();

/** What is going to be done, or was. */
const RemedyPlan = z.discriminatedUnion('remedy', [
  z.strictObject({ remedy: z.literal('renew_certificate'), certificateId: uuid }),
  z.strictObject({
    remedy: z.literal('add_record'),
    zoneId: uuid,
    recordId: uuid,
    /** Relative to the zone. */
    record: z.strictObject({ type: z.string(), name: z.string(), content: z.string() }),
  }),
  z.strictObject({ remedy: z.literal('close_port'), instanceId: uuid, port: count }),
  z.strictObject({ remedy: z.literal('revoke_key'), apiKeyId: uuid }),
]);

export const GuardianRemediation = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    findingId: uuid,
    status: z.enum(guardian.REMEDIATION_STATUS),
    plan: RemedyPlan,
    requestedBy: uuid,
    /** Null until somebody has. */
    tenantApproval: approval,
    platformApproval: approval,
    jobId: nullableUuid,
    /** Why it failed. */
    detail: z.string().nullable(),
    createdAt: timestamp,
    appliedAt: nullableTime,
    endedAt: nullableTime,
  })
  .meta({ id: 'GuardianRemediation' });

export const GuardianSummary = z
  .strictObject({
    instance: GuardianInstance.nullable(),
    /** Of the open findings. */
    open: z.strictObject({ total: count, low: count, medium: count, high: count, critical: count }),
    lastScan: GuardianScan.nullable(),
    /** Those that have not ended. */
    remediations: z.strictObject({ requested: count, approved: count, applied: count }),
  })
  .meta({ id: 'GuardianSummary' });
