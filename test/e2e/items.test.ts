import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { askA } from '../../scripts/demo/wire/dns.ts';
import { readMailbox } from '../../scripts/demo/wire/pop3.ts';
import { type CloudPod, type Customer, type Order, type Page, signIn } from '../support/client.ts';
import { openStage, type Stage } from './stage/index.ts';
import type { Wish } from './stage/shop.ts';

interface Begun {
  job: { id: string };
}
interface Row {
  id: string;
}

describe('every type of item, and every other way to get one', () => {
  let stage: Stage;
  let customer: Customer;
  /** A domain of the customer's, ordered alone. */
  let domain: string;
  let bought: Order;

  beforeAll(async () => {
    stage = await openStage();
    customer = await stage.customer();
    domain = stage.name();
    bought = await buy(stage.domain(domain));
  }, 120_000);
  afterAll(() => stage?.close());

  async function buy(...wishes: Wish[]): Promise<Order> {
    const { order, invoice } = await stage.place(customer, wishes);
    await stage.pay(invoice.id);
    const ended = await stage.ended(order.id);
    expect(ended.items.map(({ status, reason }) => reason ?? status)).toEqual(ended.items.map(() => 'delivered'));
    return ended;
  }
  const done = ({ job }: Begun) => stage.stands(job.id, 'completed');
  const resource = (order: Order, type: string) => order.items.find((item) => item.type === type)?.resourceId ?? '';
  const pod = (id: string) => stage.admin.get<CloudPod>(`/cloudpods/${id}`);
  const host = () => `h${randomBytes(4).toString('hex')}.${domain}`;
  const extra = async (id: string) =>
    Object.keys((await stage.world.guestOf(id)).firewall.ipset['ipfilter-net0']?.entries ?? {});

  /** Chain and key of the one certificate of a CloudPod, as it is downloaded. */
  async function download(query: string): Promise<{ names: string | undefined; fits: boolean }> {
    const { items } = await stage.admin.get<Page<Row & { status: string }>>(`/ssl/certificates?${query}`);
    expect(items).toMatchObject([{ status: 'active' }]);
    const pem = await stage.admin.text(`/ssl/certificates/${items[0]?.id}/download`);
    const leaf = new X509Certificate(pem);
    return { names: leaf.subjectAltName, fits: leaf.checkPrivateKey(keyOf(pem)) };
  }

  describe('ordered and paid', () => {
    test('a domain alone: registered, its zone served, paid at its registry price', async () => {
      expect(await stage.world.registered(domain)).toMatchObject({ sponsor: 'MPANEL' });
      expect((await stage.world.records())[`${domain}. NS`]).toEqual(['ns1.mpanel.test.', 'ns2.mpanel.test.']);
      expect(bought).toMatchObject({ total: 9.99, items: [{ type: 'domain', price: 9.99 }] });
    });

    test('a domain for two years, on name servers and to a registrant of its own', async () => {
      const name = stage.name();
      const nameservers = ['ns1.dns.swiss', 'ns2.dns.swiss'];
      const contact = { name: 'Bob Other', email: 'bob@other.test' };
      const wish = { ...stage.domain(name), config: { domain: name, years: 2, nameservers, contact } };
      expect(await buy(wish)).toMatchObject({ total: 19.98 });
      const found = await stage.world.registered(name);
      expect(found?.nameservers).toEqual(nameservers);
      const years = new Date(found?.expiresAt ?? 0).getUTCFullYear() - new Date(found?.createdAt ?? 0).getUTCFullYear();
      expect(years).toBe(2);
      const { contacts } = await stage.outside.state<{ contacts: { id: string; email: string }[] }>('registrar');
      expect(contacts.find(({ id }) => id === found?.registrant)).toMatchObject({ email: 'bob@other.test' });
    });

    test('name servers that the registry does not know: not registered, the money back', async () => {
      const name = stage.name();
      const nameservers = ['ns1.nobody-has.test', 'ns2.nobody-has.test'];
      const { order, invoice } = await stage.place(customer, [
        { ...stage.domain(name), config: { domain: name, nameservers } },
      ]);
      await stage.pay(invoice.id);
      expect(await stage.ended(order.id)).toMatchObject({
        status: 'failed',
        items: [{ status: 'undone', reason: expect.stringContaining('nobody-has.test') }],
      });
      expect(await stage.world.money(invoice.id)).toEqual({ charged: [999], refunded: [999] });
      expect(await stage.world.registered(name)).toBeUndefined();
    });

    test('a container: made and started under its name; its certificate, which no agent brings in, is downloaded', async () => {
      const hostname = host();
      const order = await buy(stage.pod(hostname, { sku: 'CPOD-CT' }));
      const id = resource(order, 'cloudpod');
      const { ipv4 } = await pod(id);
      expect(await stage.world.guestOf(id)).toMatchObject({
        kind: 'lxc',
        running: expect.anything(),
        config: { hostname, cores: '1', memory: '1024', net0: expect.stringContaining(`ip=${ipv4}/16`) },
      });
      expect(await askA(String(stage.platform.env.DNS_ADDRESS), hostname)).toEqual([ipv4]);
      const [job] = await stage.children(order.jobId);
      const { steps } = await stage.job(job?.id ?? '');
      expect(steps.filter(({ status }) => status === 'skipped').map(({ name }) => name)).toEqual([
        'deploy certificate',
        'verify by TLS handshake',
      ]);
      expect(await download(`targetId=${id}`)).toEqual({ names: `DNS:${hostname}`, fits: true });
    });

    test('e-mail for a domain that is there already', async () => {
      const order = await buy(stage.mail(domain, 'Mailbox-pass-2'));
      expect(order.items).toHaveLength(1);
      expect((await stage.world.records())[`${domain}. MX`]).toEqual(['10 mx.mpanel.test.']);
      const pop3 = String(stage.platform.env.MAIL_POP3_ADDRESS);
      expect(await readMailbox(pop3, `info@${domain}`, 'Mailbox-pass-2')).toEqual([]);
    });

    test('add-ons, with a CloudPod and for one that is there: addresses, disks and a backup plan', async () => {
      const order = await buy(stage.pod(host(), { addons: ['ADDON-IP', 'ADDON-DISK-20', 'BACKUP-DAILY'] }));
      const id = resource(order, 'cloudpod');
      expect(order.total).toBe(16.99);
      const { ipv4 } = await pod(id);
      expect(await extra(id)).toHaveLength(2);
      expect(await extra(id)).toContain(ipv4);
      expect((await stage.world.guestOf(id)).config.scsi0).toContain('size=60G');
      const { jobs, backups } = await stage.world.proxmox();
      const { vmid } = await stage.world.guestOf(id);
      expect(jobs).toEqual([expect.objectContaining({ vmid, schedule: '02:30' })]);
      expect(backups).toHaveLength(1);

      await buy(stage.addon('ADDON-DISK-20', id), stage.addon('ADDON-IP', id));
      expect((await stage.world.guestOf(id)).config.scsi0).toContain('size=80G');
      expect(new Set(await extra(id)).size).toBe(3);
    });

    test('a name, a zone or a CloudPod of somebody else is not taken', async () => {
      const other = await stage.customer();
      const refused = { status: 422 };
      await expect(stage.place(other, [stage.pod(`www.${domain}`)])).rejects.toMatchObject(refused);
      await expect(stage.place(other, [stage.mail(domain)])).rejects.toMatchObject(refused);
      await expect(stage.place(other, [stage.domain(domain)])).rejects.toMatchObject({ code: 'DOMAIN_TAKEN' });
      const { items } = await stage.admin.get<Page<Row>>(`/cloudpods?customerId=${customer.id}`);
      await expect(stage.place(other, [stage.addon('ADDON-IP', items[0]?.id ?? '')])).rejects.toMatchObject(refused);
    });
  });

  describe('asked for directly by staff: the same steps as a job, without an invoice', () => {
    test('a CloudPod, whose root password is shown once', async () => {
      const wish = { customerId: customer.id, productId: stage.product('CPOD-MINI'), name: `pod-${Date.now()}` };
      const begun = await stage.admin.post<Begun & { cloudPod: CloudPod }>('/cloudpods', wish);
      expect(begun).toMatchObject({ cloudPod: { status: 'pending' }, job: { type: 'cloudpod_provision' } });
      await done(begun);
      const { id, hostname } = begun.cloudPod;
      const { status, ipv4 } = await pod(id);
      expect(status).toBe('active');
      expect(await stage.world.handshake(ipv4 ?? '', hostname)).toEqual({ authorized: true, names: `DNS:${hostname}` });
      const { cipassword: password } = (await stage.world.guestOf(id)).config;
      expect(await stage.admin.post(`/cloudpods/${id}/reveal`)).toEqual({ username: 'root', password });
      await expect(stage.admin.post(`/cloudpods/${id}/reveal`)).rejects.toMatchObject({ code: 'ALREADY_REVEALED' });
    });

    test('a domain', async () => {
      const name = stage.name();
      await done(
        await stage.admin.post<Begun>('/domains/register', { customerId: customer.id, domain: name, years: 1 }),
      );
      expect(await stage.world.registered(name)).toMatchObject({ sponsor: 'MPANEL' });
    });

    test('a certificate, renewed by a new one', async () => {
      const name = host();
      const begun = await stage.admin.post<Begun & { certificate: Row }>('/ssl/certificates', { domain: name });
      await done(begun);
      const serial = async () =>
        (await stage.admin.get<Page<Row & { serial: string }>>('/ssl/certificates?pageSize=100')).items.find(
          ({ id }) => id === begun.certificate.id,
        )?.serial;
      const before = await serial();
      expect(await stage.world.certificateOrders(name)).toHaveLength(1);
      await done(await stage.admin.post<Begun>(`/ssl/certificates/${begun.certificate.id}/renew`));
      expect(await stage.world.certificateOrders(name)).toHaveLength(2);
      expect(await serial()).not.toBe(before);
      expect(Object.keys(await stage.world.records()).filter((key) => key.includes('_acme'))).toEqual([]);
    });

    test('e-mail for a domain, and its mailboxes made, changed and deleted', async () => {
      const name = stage.name();
      const registered = await stage.admin.post<Begun & { domain: Row }>('/domains/register', {
        customerId: customer.id,
        domain: name,
      });
      await done(registered);
      const domainId = registered.domain.id;
      await done(
        await stage.admin.post<Begun>('/email/domains', { domainId, planProductId: stage.product('MAIL-START') }),
      );
      const wish = { domainId, localPart: 'support', password: 'First-password-1', quotaMb: 100 };
      const made = await stage.admin.post<Begun & { mailbox: Row }>('/email/mailboxes', wish);
      await done(made);
      const read = (password: string) =>
        readMailbox(String(stage.platform.env.MAIL_POP3_ADDRESS), `support@${name}`, password);
      expect(await read('First-password-1')).toEqual([]);

      const { jobId } = await stage.admin.send<{ jobId: string }>('PUT', `/email/mailboxes/${made.mailbox.id}`, {
        password: 'Second-password-2',
      });
      await stage.stands(jobId, 'completed');
      expect(await read('Second-password-2')).toEqual([]);
      await expect(read('First-password-1')).rejects.toThrow();

      await done(await stage.admin.send<Begun>('DELETE', `/email/mailboxes/${made.mailbox.id}`));
      await expect(read('Second-password-2')).rejects.toThrow();
      expect(await stage.world.mailboxes()).not.toContain(`support@${name}`);
    });

    test('DNS records reach the name server, and leave it', async () => {
      const { items } = await stage.admin.get<Page<Row>>(
        `/dns/zones?customerId=${customer.id}&domainId=${resource(bought, 'domain')}`,
      );
      const records = `/dns/zones/${items[0]?.id}/records`;
      const answer = () => askA(String(stage.platform.env.DNS_ADDRESS), `api.${domain}`);
      const made = await stage.admin.post<Begun & { record: Row }>(records, {
        type: 'A',
        name: 'api',
        content: '10.1.10.50',
        ttl: 300,
      });
      await done(made);
      expect(await answer()).toEqual(['10.1.10.50']);
      const { jobId } = await stage.admin.send<{ jobId: string }>('PUT', `${records}/${made.record.id}`, {
        content: '10.1.10.51',
      });
      await stage.stands(jobId, 'completed');
      expect(await answer()).toEqual(['10.1.10.51']);
      await done(await stage.admin.send<Begun>('DELETE', `${records}/${made.record.id}`));
      await expect(answer()).rejects.toThrow('NXDOMAIN');
      expect((await stage.world.records())[`${domain}. MX`]).toEqual(['10 mx.mpanel.test.']);
    });
  });

  test('asked for directly by a customer: an order, whose job begins when it is paid', async () => {
    const login = { email: `login-${randomBytes(4).toString('hex')}@customers.test`, password: 'customer-pass-1' };
    await stage.admin.post('/users', { name: 'Ann', ...login, roles: ['customer'], customerId: customer.id });
    const ann = await signIn(stage.platform.url, login);
    const name = stage.name();
    const made = await ann.post<Begun & { order: Row; invoice: Row }>('/domains/register', {
      customerId: customer.id,
      domain: name,
    });
    expect(made).toMatchObject({ order: { status: 'pending', total: 9.99 }, invoice: { status: 'unpaid' } });
    expect(await stage.world.registered(name)).toBeUndefined();
    await stage.pay(made.invoice.id);
    expect(await stage.ended(made.order.id)).toMatchObject({ status: 'active' });
    expect(await stage.world.registered(name)).toMatchObject({ sponsor: 'MPANEL' });
  });

  test('a domain is looked for where it is registered', async () => {
    const search = (name: string) => stage.admin.get(`/domains/search?q=${name}`);
    expect(await search(domain)).toMatchObject({ available: false });
    expect(await search(stage.name())).toMatchObject({ available: true, price: { register: 9.99 } });
  });
});

const keyOf = (pem: string) => createPrivateKey(pem.slice(pem.indexOf('-----BEGIN PRIVATE KEY')));
