import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Customer, JobWithSteps, Order, Page, PlacedOrder } from '../support/client.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage/index.ts';
import type { System } from './stage/outside.ts';
import type { Wish } from './stage/shop.ts';

const MINI = 999;
const CONTAINER = 499;
const DOMAIN = 999;
const MAIL = 250;

describe('what cannot be delivered', () => {
  let stage: Stage;
  let customer: Customer;
  beforeAll(async () => {
    stage = await openStage({ env: { STEP_ATTEMPTS: '3' } });
    customer = await stage.customer();
  }, 120_000);
  afterAll(() => stage?.close());
  afterEach(() =>
    Promise.all((['proxmox', 'powerdns', 'registrar', 'acme', 'stripe', 'mail'] as const).map(stage.outside.mend)),
  );

  async function buy(...wishes: Wish[]): Promise<PlacedOrder> {
    const placed = await stage.place(customer, wishes);
    await stage.pay(placed.invoice.id);
    return placed;
  }

  const fails = (system: System, match: string, status: number, body: unknown = {}) =>
    stage.outside.fault(system, { match, phase: 'before', action: { kind: 'status', status, body }, times: null });

  async function childOf(order: Order, type: string): Promise<JobWithSteps> {
    const child = (await stage.children(order.jobId)).find((job) => job.type === type);
    return stage.job(child?.id ?? '');
  }

  const blocked = (order: Order, type: string) =>
    until(`${type} is blocked`, async () => {
      const job = await childOf(order, type);
      if (job.status !== 'blocked') throw new Error(`${type} is ${job.status} at ${job.step}: ${job.reason}`);
      return job;
    });

  /** What operators are told of a job. */
  async function told(jobId: string, type: string) {
    type Event = { level: string; tenantId: string; data: { jobId: string } };
    const { items } = await stage.admin.get<Page<Event>>(`/system/events?type=${type}&pageSize=200`);
    return items.filter(({ data }) => data.jobId === jobId);
  }

  const now = async (system: System) => (await stage.outside.requests(system)).at(-1)?.seq ?? 0;

  describe('refused for good is undone and refunded at once', () => {
    test('a name that somebody else takes in the last moment: what depends on it goes too, the rest stays', async () => {
      const before = await stage.world.slate();
      const domain = stage.name();
      const taken = { kind: 'switch' as const, name: 'taken-between-check-and-create' };
      await stage.outside.fault('registrar', { match: 'domain:create', phase: 'switch', action: taken });
      const { order, invoice } = await buy(
        stage.pod(undefined, { sku: 'CPOD-CT' }),
        stage.domain(domain),
        stage.mail(domain),
        stage.pod(`www.${domain}`),
      );
      const ended = await stage.ended(order.id);
      expect(ended.status).toBe('active');
      expect(Object.fromEntries(ended.items.map((item) => [item.description.split(' - ')[0], item.status]))).toEqual({
        'CloudPod Container': 'delivered',
        Domain: 'undone',
        'Mail Start': 'undone',
        'CloudPod Mini': 'undone',
      });
      for (const item of ended.items.filter(({ status }) => status === 'undone'))
        expect(item.reason).toMatch(/[a-z] [a-z]/);
      const { charged, refunded } = await stage.world.money(invoice.id);
      expect(charged).toEqual([CONTAINER + DOMAIN + MAIL + MINI]);
      expect(refunded.sort()).toEqual([DOMAIN, MAIL, MINI].sort());
      expect(await stage.invoice(invoice.id)).toMatchObject({
        status: 'paid',
        amountRefunded: (DOMAIN + MAIL + MINI) / 100,
      });

      const pod = ended.items.find(({ status }) => status === 'delivered')?.resourceId ?? '';
      await stage.world.guestOf(pod);
      await stage.admin.send('DELETE', `/cloudpods/${pod}`);
      await until('the delivered one is deleted again', async () => {
        const after = await stage.world.slate();
        expect({ ...after, domains: after.domains.filter((name) => name !== domain) }).toEqual(before);
        return true;
      });
      expect(await stage.world.registered(domain)).toMatchObject({ sponsor: 'RIVAL' });
    });

    test('parameters that Proxmox does not take: a clean slate, all the money back, the customer told why', async () => {
      const before = await stage.world.slate();
      const told = (await stage.world.mails(customer.email)).length;
      const domain = stage.name();
      await fails('proxmox', 'PUT /nodes/.*/config|POST /nodes/.*/config', 400, {
        errors: { memory: 'value is too big' },
      });
      const { order, invoice } = await buy(stage.domain(domain), stage.pod(`www.${domain}`));
      const ended = await stage.ended(order.id);
      expect(ended.items.map(({ type, status }) => [type, status])).toEqual([
        ['domain', 'delivered'],
        ['cloudpod', 'undone'],
      ]);
      expect(await childOf(order, 'cloudpod_provision')).toMatchObject({
        status: 'compensated',
        reason: expect.stringContaining('memory'),
      });
      expect(await stage.world.money(invoice.id)).toEqual({ charged: [MINI + DOMAIN], refunded: [MINI] });
      const after = await stage.world.slate();
      expect({ ...after, records: 0, domains: 0, contacts: 0 }).toEqual({
        ...before,
        records: 0,
        domains: 0,
        contacts: 0,
      });
      expect(Object.keys(after.records).filter((key) => key.includes(domain))).toEqual([`${domain}. NS`]);
      const mails = await stage.world.mails(customer.email);
      expect(mails).toHaveLength(told + 1);
      expect(mails.at(-1)?.text).toContain('memory');
    });

    test('a template that is gone: nothing is left, nothing is kept', async () => {
      await stage.outside.act('proxmox', 'destroy-guest', { vmid: '9001' });
      const before = await stage.world.slate();
      const { order, invoice } = await buy({ ...stage.pod(), config: { template: 'ubuntu-24.04' } });
      expect(await stage.ended(order.id)).toMatchObject({ status: 'failed' });
      expect(await stage.world.money(invoice.id)).toEqual({ charged: [MINI], refunded: [MINI] });
      expect(await stage.invoice(invoice.id)).toMatchObject({ status: 'refunded', amountRefunded: 9.99 });
      expect(await stage.world.slate()).toEqual(before);
    });

    test('an undo that does not work at first goes on until it does; a refund whose answer is lost is sent once', async () => {
      const before = await stage.world.slate();
      await fails('proxmox', 'POST /nodes/.*/status/start', 400, { errors: { skiplock: 'no' } });
      await stage.outside.fault('proxmox', {
        match: '^DELETE /nodes/[^/]+/qemu',
        phase: 'before',
        action: { kind: 'status', status: 500 },
        times: 2,
      });
      await stage.outside.fault('stripe', { match: 'POST /v1/refunds', phase: 'after', action: { kind: 'drop' } });
      const { order, invoice } = await buy(stage.pod());
      expect(await stage.ended(order.id)).toMatchObject({ status: 'failed' });
      expect(await stage.world.slate()).toEqual(before);
      expect(await stage.world.money(invoice.id)).toEqual({ charged: [MINI], refunded: [MINI] });
    });
  });

  describe('retries used up', () => {
    test('blocked, with a reason a person understands, and the order with it; retry goes on at that step', async () => {
      await fails('proxmox', 'POST /nodes/.*/status/start', 500, { data: null, message: 'got timeout' });
      const { order, invoice } = await buy(stage.pod());
      const job = await blocked(order, 'cloudpod_provision');
      expect(job).toMatchObject({ step: 'start', reason: expect.stringMatching(/proxmox.*start/i) });
      expect(job.reason).not.toMatch(/\{|Error:|\bat .*\.ts/);
      expect(job.steps.at(-1)).toMatchObject({ name: 'start', status: 'blocked', attempt: 3 });
      expect(await stage.job(order.jobId)).toMatchObject({ status: 'blocked' });
      expect(await stage.order(order.id)).toMatchObject({ status: 'provisioning' });

      await stage.outside.mend('proxmox');
      const [atProxmox, atTheCa] = [await now('proxmox'), await now('acme')];
      await stage.admin.post(`/jobs/${order.jobId}/retry`);
      expect(await stage.ended(order.id)).toMatchObject({ status: 'active' });
      const writes = await stage.outside.requests('proxmox', '^(POST|PUT|DELETE) ((?!/agent/).)*$', atProxmox);
      expect(writes.map(({ operation }) => operation.replace(/.*\/\d+/, ''))).toEqual(['/config', '/status/start']);
      const orders = await stage.outside.requests('acme', '^POST /new-order', atTheCa);
      expect(orders).toHaveLength(1);
      expect(await stage.world.money(invoice.id)).toEqual({ charged: [MINI], refunded: [] });
      await expect(stage.admin.post(`/jobs/${job.id}/retry`)).rejects.toMatchObject({ status: 409 });
      await expect(stage.admin.post(`/jobs/${order.jobId}/retry`)).rejects.toMatchObject({ status: 409 });
    });

    test('a skipped step is not done, those after it are; who skipped it and why is on record', async () => {
      const domain = stage.name();
      await fails('powerdns', `^PATCH .*${domain}`, 500, { error: 'backend is read-only' });
      const { order } = await buy(stage.domain(domain), stage.mail(domain));
      const job = await blocked(order, 'email_attach');
      expect(job.step).toBe('publish DNS');
      await stage.admin.post(`/jobs/${job.id}/skip`, { reason: 'its mail records are written elsewhere' });
      expect(await stage.ended(order.id)).toMatchObject({ status: 'active' });
      const { steps } = await stage.job(job.id);
      expect(steps.slice(-2)).toMatchObject([
        { name: 'publish DNS', status: 'skipped' },
        { name: 'activate', status: 'done' },
      ]);
      expect(await stage.world.mailboxes()).toContain(`info@${domain}`);
      expect((await stage.world.records())[`${domain}. MX`]).toBeUndefined();
      const rows = await stage.sql(
        `select metadata, actor_id from audit_event where action = 'job.step_skipped' and resource_id = $1`,
        [job.id],
      );
      const metadata = { step: 'publish DNS', reason: 'its mail records are written elsewhere' };
      expect(rows).toEqual([{ metadata, actor_id: expect.any(String) }]);
    });

    test('given up: everything that was made is undone, the certificate revoked, the money sent back', async () => {
      const before = await stage.world.slate();
      await fails('proxmox', '/agent/file-write$', 500, { data: null, message: 'QEMU guest agent is not running' });
      const { order, invoice } = await buy(stage.pod());
      const job = await blocked(order, 'cloudpod_provision');
      await stage.admin.post(`/jobs/${job.id}/give-up`, { reason: 'the customer wants something else' });
      const ended = await stage.ended(order.id);
      expect(ended).toMatchObject({
        status: 'failed',
        items: [{ status: 'undone', reason: 'the customer wants something else' }],
      });
      expect(await stage.world.slate()).toEqual(before);
      expect(await stage.world.money(invoice.id)).toEqual({ charged: [MINI], refunded: [MINI] });
      const { certificates } = await stage.outside.state<{ certificates: { names: string[]; revoked?: object }[] }>(
        'acme',
      );
      const issued = certificates.filter(({ names }) => ended.items[0]?.description.endsWith(names[0] ?? '?'));
      expect(issued).toMatchObject([{ revoked: expect.anything() }]);
      const { tenantId } = await stage.job(job.id);
      expect(await stage.job(job.id)).toMatchObject({ status: 'compensated' });
      const { step, reason } = job;
      expect(await told(job.id, 'job.blocked')).toMatchObject([{ level: 'warning', tenantId, data: { step, reason } }]);
      expect(await told(job.id, 'job.compensated')).toMatchObject([
        { level: 'warning', tenantId, data: { reason: 'the customer wants something else' } },
      ]);
      expect(await told(order.jobId, 'job.blocked')).toEqual([]);
    });
  });

  test('answers that are lost after the effect: everything is there once', async () => {
    const domain = stage.name();
    const lost: [System, string][] = [
      ['proxmox', '^POST .*/clone$'],
      ['proxmox', '(PUT|POST) .*/qemu/[0-9]+/config$'],
      ['proxmox', '^POST .*/status/start$'],
      ['proxmox', '/agent/file-write$'],
      ['powerdns', '^POST .*/zones$'],
      ['powerdns', '^PATCH '],
      ['acme', '^POST /new-order'],
      ['acme', '^POST /finalize'],
      ['acme', '^POST /challenge'],
    ];
    for (const [system, match] of lost)
      await stage.outside.fault(system, { match, phase: 'after', action: { kind: 'drop' } });
    const cut = { kind: 'switch' as const, name: 'cut-after-commit' };
    for (const match of ['contact:create', 'domain:create'])
      await stage.outside.fault('registrar', { match, phase: 'switch', action: cut });
    const { order, invoice } = await buy(stage.domain(domain), stage.pod(`www.${domain}`), stage.mail(domain));
    expect(await stage.ended(order.id)).toMatchObject({ status: 'active' });
    const guest = await stage.world.guestOf(order.items.find(({ type }) => type === 'cloudpod')?.resourceId ?? '');
    const { tasks } = await stage.outside.state<{ tasks: { type: string; work: { args: { newid?: string } } }[] }>(
      'proxmox',
    );
    expect(tasks.filter(({ type, work }) => type === 'qmclone' && work.args.newid === guest.vmid)).toHaveLength(1);
    expect(await stage.world.registered(domain)).toMatchObject({ sponsor: 'MPANEL' });
    const { ledger } = await stage.outside.state<{ ledger: { name: string; kind: string }[] }>('registrar');
    expect(ledger.filter(({ name }) => name === domain)).toHaveLength(1);
    expect(await stage.world.money(invoice.id)).toEqual({ charged: [MINI + DOMAIN + MAIL], refunded: [] });
    const { certificates } = await stage.outside.state<{ certificates: { names: string[] }[] }>('acme');
    expect(certificates.filter(({ names }) => names.includes(`www.${domain}`))).toHaveLength(1);
    for (const system of ['proxmox', 'powerdns', 'acme', 'registrar'] as const)
      expect(await stage.outside.faults(system)).toEqual([]);
  });
});
