import type { EntityManager } from '@mikro-orm/postgresql';
import { toMinor } from '../core/money.ts';
import { type Config, nameservers } from '../runtime/config.ts';
import { newId } from '../runtime/ids.ts';
import { DnsRecord, DnsZone, Image, IpAddress, Node, Product, TldPrice, VmidSlot } from './entities/index.ts';
import { startJob } from './queries/jobs.ts';

const CURRENCY = 'USD';
/** Reverse zone of the pool below. */
const REVERSE = '64.127.in-addr.arpa';

/** Things to try with: products, prices, two nodes, pools, the platform's own zones. Does nothing where there are products. */
export async function seedDemo(em: EntityManager, config: Config, tenantId: string): Promise<void> {
  await em.transactional(async (tx) => {
    if (await tx.count(Product, {})) return;
    await tx.insertMany(Product, products(tenantId));
    await tx.insertMany(
      TldPrice,
      ['com', 'net', 'org', 'test', 'example'].map((tld) => tldPrice(tenantId, tld)),
    );
    await tx.insertMany(Node, ['pve1', 'pve2'].map(node));
    await tx.insertMany(Image, images());
    await tx.insertMany(
      VmidSlot,
      range(2_000).map((offset) => ({ vmid: 20_000 + offset })),
    );
    await tx.insertMany(IpAddress, range(2_000).map(address));
    zone(tx, tenantId, config.PLATFORM_DOMAIN, platformRecords(config));
    zone(tx, tenantId, REVERSE, []);
  });
}

function products(tenantId: string) {
  const product = (
    sku: string,
    name: string,
    type: 'cloudpod' | 'domain' | 'email' | 'backup' | 'addon',
    monthly: number,
    yearly: number,
    metadata: object,
  ) => ({
    id: newId(),
    tenantId,
    sku,
    name,
    type,
    billingCycles: [
      { cycle: 'monthly' as const, amount: toMinor(monthly, CURRENCY), currency: CURRENCY },
      { cycle: 'yearly' as const, amount: toMinor(yearly, CURRENCY), currency: CURRENCY },
    ],
    metadata: metadata as Record<string, unknown>,
  });
  return [
    product('CPOD-MINI', 'CloudPod Mini', 'cloudpod', 9.99, 99, {
      kind: 'qemu',
      cpu: 2,
      ramMb: 2048,
      diskGb: 40,
      image: 'debian-12',
    }),
    product('CPOD-PRO', 'CloudPod Pro', 'cloudpod', 19.99, 199, {
      kind: 'qemu',
      cpu: 4,
      ramMb: 4096,
      diskGb: 80,
      image: 'debian-12',
    }),
    product('CPOD-CT', 'CloudPod Container', 'cloudpod', 4.99, 49, {
      kind: 'lxc',
      cpu: 1,
      ramMb: 1024,
      diskGb: 20,
      image: 'debian-12',
    }),
    product('DOMAIN', 'Domain', 'domain', 0, 0, {}),
    product('MAIL-START', 'Mail Start', 'email', 2.5, 25, { quotaMb: 2048 }),
    product('BACKUP-DAILY', 'Daily Backup', 'backup', 3, 30, { schedule: '02:30', keep: 7 }),
    product('ADDON-IP', 'Extra IPv4 address', 'addon', 2, 20, { kind: 'ip' }),
    product('ADDON-DISK-20', 'Extra 20 GB disk', 'addon', 2, 20, { kind: 'disk', gb: 20 }),
  ];
}

function tldPrice(tenantId: string, tld: string) {
  const price = (amount: number) => toMinor(amount, CURRENCY);
  return {
    tenantId,
    tld,
    register: price(9.99),
    renew: price(10.99),
    transfer: price(8.99),
    currency: CURRENCY,
    maxYears: 10,
  };
}

function node(name: string, index: number) {
  const size = { cores: 2_000, memoryMb: 2_000_000, diskGb: 40_000 };
  return {
    id: newId(),
    name,
    role: 'hypervisor' as const,
    ip: `127.0.0.${index + 1}`,
    status: 'online' as const,
    ...size,
  };
}

function images() {
  const vm = (name: string, title: string, node: string, vmid: number) => ({
    id: newId(),
    kind: 'qemu' as const,
    name,
    title,
    node,
    vmid,
  });
  const ct = (name: string, title: string, volume: string) => ({
    id: newId(),
    kind: 'lxc' as const,
    name,
    title,
    volume,
  });
  return [
    vm('debian-12', 'Debian 12', 'pve1', 9000),
    vm('debian-12', 'Debian 12', 'pve2', 9010),
    vm('ubuntu-24.04', 'Ubuntu 24.04 LTS', 'pve1', 9001),
    ct('debian-12', 'Debian 12', 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst'),
  ];
}

// Every address of 127/8 can be bound, so that what A records lead to answers (2.0 on, as .0 and .1 of the first are taken).
function address(offset: number) {
  const host = offset + 512;
  return { address: `127.64.${host >> 8}.${host & 255}`, family: 4, prefixLength: 16, gateway: '127.64.0.1' };
}

function platformRecords(config: Config) {
  const within = (host: string) => host.endsWith(`.${config.PLATFORM_DOMAIN}`);
  const relative = (host: string) => host.slice(0, -config.PLATFORM_DOMAIN.length - 1);
  const hosts = nameservers(config)
    .filter(within)
    .map((host) => ({ name: relative(host), content: '127.0.0.1' }));
  if (config.MAIL_MX_ADDRESS && within(config.MAIL_MX_HOST))
    hosts.push({ name: relative(config.MAIL_MX_HOST), content: config.MAIL_MX_ADDRESS });
  return hosts.map((host) => ({ ...host, type: 'A', ttl: 3600 }));
}

/** A zone of the platform's own, and the job that brings it to the name server. */
function zone(
  tx: EntityManager,
  tenantId: string,
  name: string,
  records: { name: string; content: string; type: string; ttl: number }[],
): void {
  const id = newId();
  tx.persist(tx.create(DnsZone, { id, tenantId, name, status: 'active' }));
  for (const record of records)
    tx.persist(tx.create(DnsRecord, { id: newId(), tenantId, zoneId: id, managedBy: 'platform', ...record }));
  startJob(tx, { type: 'dns_apply', tenantId, targetId: id });
}

const range = (length: number) => Array.from({ length }, (_, index) => index);
