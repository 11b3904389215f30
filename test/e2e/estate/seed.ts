import { randomUUID } from 'node:crypto';
import type { Stage } from '../stage/index.ts';

/** How many of each are there, rows and things outside agreeing. */
export const SIZE = { guests: 1_500, zones: 200, domains: 120, certificates: 100, payments: 80 };

export interface Estate {
  tenantId: string;
  guests: { id: string; vmid: number; hostname: string }[];
  zones: { id: string; name: string }[];
  domains: { id: string; name: string }[];
  certificates: { id: string; serial: string; ariId: string }[];
  payments: { id: string; reference: string; charge: string; orderId: string; invoiceId: string }[];
}

const FIRST_VMID = 500_000;
const AT_ONCE = 25;
const EXPIRY = '2028-01-01T00:00:00.000Z';
const NAMESERVERS = ['ns1.mpanel.test', 'ns2.mpanel.test'];

/** Two thousand clean resources, at the stand-ins through their APIs and acts and in the database by SQL. */
export async function seedEstate(stage: Stage): Promise<Estate> {
  const customer = await stage.customer();
  const [tenant] = await stage.sql<{ id: string }>('select tenant_id as id from customer where id = $1', [customer.id]);
  const at = { stage, tenantId: String(tenant?.id), customerId: customer.id };
  const [guests, zones, domains, certificates, payments] = await Promise.all([
    seedGuests(at),
    seedZones(at),
    seedDomains(at),
    seedCertificates(at),
    seedPayments(at),
  ]);
  return { tenantId: at.tenantId, guests, zones, domains, certificates, payments };
}

interface At {
  stage: Stage;
  tenantId: string;
  customerId: string;
}

async function seedGuests({ stage, tenantId, customerId }: At) {
  const guests = many(SIZE.guests, (at) => ({
    id: randomUUID(),
    vmid: FIRST_VMID + at,
    hostname: `g${at}.estate.example`,
  }));
  await each(guests, ({ id, vmid, hostname }, at) =>
    stage.outside.act('proxmox', 'plant-guest', {
      ...{ vmid, kind: 'lxc', node: 'pve1', name: hostname, description: `mpanel:${id}`, running: !isSuspended(at) },
      config: { cores: 2, memory: 1024, tags: 'mpanel' },
    }),
  );
  await insert(
    stage,
    'instance',
    guests.map(({ id, vmid, hostname }, at) => ({
      ...{ id, tenant_id: tenantId, customer_id: customerId, product_id: stage.product('CPOD-CT'), name: hostname },
      ...{
        status: isSuspended(at) ? 'suspended' : 'active',
        kind: 'lxc',
        template: 'CPOD-CT',
        image: 'debian-12',
        hostname,
      },
      ...{ cores: 2, memory_mb: 1024, disk_gb: 8, node: 'pve1', vmid },
    })),
  );
  return guests;
}

/** Every tenth. */
export const isSuspended = (at: number) => at % 10 === 9;

async function seedZones({ stage, tenantId, customerId }: At) {
  const zones = many(SIZE.zones, (at) => ({ id: randomUUID(), name: `zone${at}.example` }));
  const env = stage.platform.env;
  await each(zones, async ({ name }, at) => {
    const rrsets = [
      { name: `www.${name}.`, type: 'A', ttl: 300, records: [{ content: address(at), disabled: false }] },
      { name: `${name}.`, type: 'MX', ttl: 300, records: [{ content: `10 mx.${name}.`, disabled: false }] },
    ];
    const answer = await fetch(`${env.POWERDNS_URL}/api/v1/servers/localhost/zones`, {
      method: 'POST',
      headers: { 'x-api-key': String(env.POWERDNS_API_KEY), 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({
        name: `${name}.`,
        kind: 'Native',
        nameservers: NAMESERVERS.map((host) => `${host}.`),
        rrsets,
      }),
    });
    if (answer.status !== 201) throw new Error(`zone ${name}: ${answer.status} ${await answer.text()}`);
  });
  await insert(
    stage,
    'dns_zone',
    zones.map(({ id, name }) => ({ id, tenant_id: tenantId, customer_id: customerId, name, status: 'active' })),
  );
  await insert(
    stage,
    'dns_record',
    zones.flatMap(({ id, name }, at) => [
      {
        id: randomUUID(),
        tenant_id: tenantId,
        zone_id: id,
        type: 'A',
        name: 'www',
        content: address(at),
        ttl: 300,
        priority: null,
      },
      {
        id: randomUUID(),
        tenant_id: tenantId,
        zone_id: id,
        type: 'MX',
        name: '@',
        content: `mx.${name}`,
        ttl: 300,
        priority: 10,
      },
    ]),
  );
  return zones;
}

const address = (at: number) => `198.51.100.${at % 250}`;

async function seedDomains({ stage, tenantId, customerId }: At) {
  const domains = many(SIZE.domains, (at) => ({ id: randomUUID(), name: `dom${at}.example` }));
  await each(domains, ({ name }) =>
    stage.outside.act('registrar', 'plant-domain', {
      name,
      sponsor: 'MPANEL',
      expiresAt: EXPIRY,
      nameservers: NAMESERVERS,
    }),
  );
  await insert(
    stage,
    'domain',
    domains.map(({ id, name }) => ({
      ...{
        id,
        tenant_id: tenantId,
        customer_id: customerId,
        name,
        status: 'active',
        years: 1,
        contact: {},
        registrant: 'c1',
      },
      ...{ auth_info_secret_id: randomUUID(), nameservers: NAMESERVERS, expires_at: EXPIRY },
    })),
  );
  return domains;
}

async function seedCertificates({ stage, tenantId, customerId }: At) {
  const rows: Record<string, unknown>[] = [];
  const ids = new Map<string, string>();
  await each(
    many(SIZE.certificates, (at) => `cert${at}.example`),
    async (domain) => {
      const made = await stage.outside.act<{
        serial: string;
        ariId: string;
        chain: string;
        notBefore: string;
        notAfter: string;
      }>('acme', 'plant-certificate', { names: [domain] });
      ids.set(made.serial, made.ariId);
      rows.push({
        ...{ id: randomUUID(), tenant_id: tenantId, customer_id: customerId, domain, status: 'active' },
        ...{ chain: made.chain, serial: made.serial, not_before: made.notBefore, not_after: made.notAfter },
      });
    },
  );
  await insert(stage, 'certificate', rows);
  return rows.map(({ id, serial }) => ({
    id: String(id),
    serial: String(serial),
    ariId: ids.get(String(serial)) ?? '',
  }));
}

async function seedPayments({ stage, tenantId, customerId }: At) {
  const created = Math.floor(Date.now() / 1000) - 7200;
  const all = many(SIZE.payments, () => ({
    id: randomUUID(),
    invoiceId: randomUUID(),
    orderId: randomUUID(),
    reference: '',
    charge: '',
  }));
  await each(all, async (one) => {
    Object.assign(one, await charge(stage, { invoiceId: one.invoiceId, created }));
  });
  await insert(
    stage,
    'orders',
    all.map(({ orderId: id }) => ({
      ...{ id, tenant_id: tenantId, customer_id: customerId, status: 'active', currency: 'USD', total: 999 },
      ...{ payment_due_at: EXPIRY },
    })),
  );
  await insert(
    stage,
    'invoice',
    all.map(({ invoiceId: id, orderId }) => ({
      ...{ id, tenant_id: tenantId, customer_id: customerId, order_id: orderId, status: 'paid', currency: 'USD' },
      ...{ subtotal: 999, tax: 0, total: 999, amount_refunded: 0 },
    })),
  );
  await insert(
    stage,
    'payment',
    all.map(({ id, invoiceId, reference }) => ({
      ...{
        id,
        tenant_id: tenantId,
        invoice_id: invoiceId,
        provider: 'stripe',
        reference,
        amount: 999,
        currency: 'USD',
      },
      ...{ surplus: false, created_at: new Date(created * 1000).toISOString() },
    })),
  );
  return all;
}

/** A paid charge that nobody was told of; answers its intent and its own id. */
export async function charge(
  stage: Stage,
  about: { invoiceId: string; created: number },
): Promise<{ reference: string; charge: string }> {
  const metadata = { invoiceId: about.invoiceId };
  const made = await stage.outside.act<{ id: string; payment_intent: string }>('stripe', 'plant-charge', {
    amount: 999,
    metadata,
    created: about.created,
  });
  return { reference: made.payment_intent, charge: made.id };
}

const many = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

async function each<T>(items: T[], act: (item: T, at: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE)
    await Promise.all(items.slice(at, at + AT_ONCE).map((item, offset) => act(item, at + offset)));
}

/** All rows of a table in one statement. */
export async function insert(stage: Stage, table: string, rows: Record<string, unknown>[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).join(', ');
  await stage.sql(
    `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1::json)`,
    [JSON.stringify(rows)],
  );
}
