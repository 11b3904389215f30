import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readMailbox } from '../../scripts/demo/wire/pop3.ts';
import { sendMail } from '../../scripts/demo/wire/smtp.ts';
import type { Customer, Job, Order, Page, PlacedOrder, Subscription } from '../support/client.ts';
import { openEvents, type ServerEvent } from '../support/events.ts';
import { textOf } from '../support/leaks.ts';
import { until } from '../support/until.ts';
import { readableHistory, runsOf, withEngine } from './stage/engine.ts';
import { openStage, type Stage } from './stage/index.ts';

describe('a CloudPod, a domain and a mailbox, ordered together and paid', () => {
  const password = 'Mailbox-pass-1';
  let stage: Stage;
  let customer: Customer;
  let domain: string;
  let host: string;
  let placed: PlacedOrder;
  let order: Order;
  let followed: ServerEvent[];

  beforeAll(async () => {
    stage = await openStage();
    customer = await stage.customer();
    domain = stage.name();
    host = `www.${domain}`;
    placed = await stage.place(customer, [stage.pod(host), stage.domain(domain), stage.mail(domain, password)]);
    const { token } = await stage.admin.post<{ token: string }>('/auth/login', stage.login);
    const timeline = `${stage.platform.url}/api/orders/${placed.order.id}/timeline`;
    const stream = await openEvents(timeline, { authorization: `Bearer ${token}` });
    await stage.pay(placed.invoice.id);
    order = await stage.ended(placed.order.id);
    followed = await stream.rest();
  }, 120_000);
  afterAll(() => stage?.close());

  const resource = (type: string) => order.items.find((item) => item.type === type)?.resourceId ?? '';

  test('the order waits for its money, then every item is delivered', () => {
    expect(placed).toMatchObject({ order: { status: 'pending' }, invoice: { status: 'unpaid', amount: 22.48 } });
    expect(order).toMatchObject({ status: 'active', endedAt: expect.any(String) });
    expect(order.items.map(({ type, status }) => [type, status])).toEqual([
      ['domain', 'delivered'],
      ['cloudpod', 'delivered'],
      ['email', 'delivered'],
    ]);
  });

  test('one job for the order, one for each resource, every step done at the first attempt', async () => {
    expect(await stage.job(order.jobId)).toMatchObject({
      type: 'order_fulfil',
      status: 'completed',
      targetId: order.id,
    });
    const children = await stage.children(order.jobId);
    expect(children.map((job) => [job.type, job.status, job.targetId]).sort()).toEqual([
      ['cloudpod_provision', 'completed', resource('cloudpod')],
      ['domain_register', 'completed', resource('domain')],
      ['email_attach', 'completed', resource('email')],
    ]);
    for (const child of children) {
      const { steps } = await stage.job(child.id);
      expect(steps.length).toBeGreaterThan(3);
      for (const step of steps) expect(step).toMatchObject({ status: 'done', attempt: 1, error: null });
    }
    const pod = await stage.job(jobOf(children, 'cloudpod_provision'));
    expect(pod.steps.map(({ name }) => name)).toEqual([
      'hold capacity',
      'create guest',
      'configure',
      'start',
      'publish DNS',
      'authorize certificate',
      'issue certificate',
      'deploy certificate',
      'verify by TLS handshake',
      'activate',
    ]);
  });

  test('who follows its timeline sees every step begin and end, then its end', async () => {
    const seen = followed
      .filter(({ event }) => event === 'step')
      .map(({ data }) => data as { jobId: string; name: string; status: string });
    for (const { id } of await stage.children(order.jobId)) {
      const { steps } = await stage.job(id);
      const own = seen.filter(({ jobId }) => jobId === id);
      expect(own.map(({ name, status }) => `${name} ${status}`).sort()).toEqual(
        steps.flatMap(({ name }) => [`${name} done`, `${name} running`]).sort(),
      );
    }
    expect(followed.at(-2)).toMatchObject({ event: 'job', data: { jobId: order.jobId, status: 'completed' } });
    expect(followed.at(-1)?.event).toBe('end');
  });

  test('the guest runs with the plan that was bought, under its name, mark and address', async () => {
    const guest = await stage.world.guestOf(resource('cloudpod'));
    const [address] = (await stage.world.records())[`${host}. A`] ?? [];
    expect(guest).toMatchObject({
      kind: 'qemu',
      running: expect.anything(),
      config: {
        name: host,
        cores: '2',
        memory: '2048',
        onboot: '1',
        scsi0: expect.stringContaining('size=40G'),
        ipconfig0: `ip=${address}/16,gw=127.64.0.1`,
      },
    });
    expect(guest.config.lock).toBeUndefined();
    expect(await stage.world.guests()).toHaveLength(1);
  });

  test('no guest can take an address that is not its own', async () => {
    const { config, firewall } = await stage.world.guestOf(resource('cloudpod'));
    const [address = ''] = (await stage.world.records())[`${host}. A`] ?? [];
    expect(config.net0).toContain('firewall=1');
    expect(firewall.options).toMatchObject({ enable: '1', ipfilter: '1', macfilter: '1' });
    expect(Object.keys(firewall.ipset['ipfilter-net0']?.entries ?? {})).toEqual([address]);
  });

  test('its name leads to it, its address back to its name, and it serves its certificate there', async () => {
    const records = await stage.world.records();
    const [address = ''] = records[`${host}. A`] ?? [];
    expect(records[`${address.split('.').reverse().join('.')}.in-addr.arpa. PTR`]).toEqual([`${host}.`]);
    expect(await stage.world.handshake(address, host)).toEqual({ authorized: true, names: `DNS:${host}` });
    expect(await stage.world.certificateOrders(host)).toEqual([expect.objectContaining({ status: 'valid' })]);
  });

  test('the zone holds what the services need and nothing that was only needed on the way', async () => {
    const records = Object.entries(await stage.world.records()).filter(([key]) => key.includes(`${domain}.`));
    expect(Object.fromEntries(records)).toEqual({
      [`${domain}. NS`]: ['ns1.mpanel.test.', 'ns2.mpanel.test.'],
      [`${host}. A`]: [expect.stringMatching(/^127\.64\./)],
      [`${domain}. MX`]: ['10 mx.mpanel.test.'],
      [`${domain}. TXT`]: ['"v=spf1 mx a:mx.mpanel.test -all"'],
      [`mp1._domainkey.${domain}. TXT`]: [expect.stringMatching(/^"v=DKIM1; k=rsa; p=MII/)],
      [`_dmarc.${domain}. TXT`]: ['"v=DMARC1; p=none"'],
    });
  });

  test('the domain is registered for a year on the name servers, to the customer', async () => {
    const found = await stage.world.registered(domain);
    expect(found).toMatchObject({ sponsor: 'MPANEL', nameservers: ['ns1.mpanel.test', 'ns2.mpanel.test'] });
    const { contacts } = await stage.outside.state<{ contacts: { id: string; email: string }[] }>('registrar');
    expect(contacts.filter(({ id }) => id === found?.registrant)).toMatchObject([{ email: customer.email }]);
    const years = new Date(found?.expiresAt ?? 0).getUTCFullYear() - new Date(found?.createdAt ?? 0).getUTCFullYear();
    expect(years).toBe(1);
  });

  test('a mail sent to the mailbox is read there with its password', async () => {
    const [port, pop3] = [Number(stage.platform.env.MAIL_MX_PORT), stage.platform.env.MAIL_POP3_ADDRESS];
    const mailbox = `info@${domain}`;
    const server = { host: String(stage.platform.env.MAIL_MX_ADDRESS), port };
    await sendMail(server, { from: 'bob@elsewhere.test', to: mailbox, subject: 'Hello', text: 'Anybody there?' });
    const mails = await until('the mail is there', async () => {
      const found = await readMailbox(String(pop3), mailbox, password);
      return found.length ? found : undefined;
    });
    expect(mails).toEqual([expect.stringContaining('Anybody there?')]);
    await expect(readMailbox(String(pop3), mailbox, 'another-pass')).rejects.toThrow();
  });

  test('the customer was charged once, the amount of the invoice, which is paid', async () => {
    expect(await stage.world.money(placed.invoice.id)).toEqual({ charged: [2248], refunded: [] });
    expect(await stage.invoice(placed.invoice.id)).toMatchObject({
      status: 'paid',
      total: 22.48,
      amountRefunded: 0,
      paidAt: expect.any(String),
    });
  });

  test('the subscriptions run, each to the end of its first period', async () => {
    const { items } = await stage.admin.get<Page<Subscription>>(`/subscriptions?customerId=${customer.id}`);
    expect(items.map(({ resourceId, status }) => [resourceId, status]).sort()).toEqual(
      order.items.map(({ resourceId }) => [resourceId, 'active']).sort(),
    );
    const days = ({ startsAt, renewsAt }: Subscription) =>
      Math.round((Date.parse(renewsAt ?? '') - Date.parse(startsAt ?? '')) / 86_400_000);
    for (const subscription of items) {
      const yearly = subscription.resourceId === resource('domain');
      expect(days(subscription)).toBeGreaterThanOrEqual(yearly ? 364 : 28);
      expect(days(subscription)).toBeLessThanOrEqual(yearly ? 366 : 31);
    }
  });

  test('the customer is told once, without a password, what there is and how to reach it', async () => {
    const mails = await stage.world.mails(customer.email);
    expect(mails).toHaveLength(1);
    const { subject, text } = mails[0]!;
    expect(subject).toBe('Your order is ready');
    for (const named of [customer.name, host, domain, `info@${domain}`]) expect(text).toContain(named);
    const guest = await stage.world.guestOf(resource('cloudpod'));
    expect(text).not.toContain(guest.config.cipassword);
    expect(text).not.toContain(password);
  });

  test('who did what is on record', async () => {
    const rows = await stage.sql<{ action: string; resource_id: string; actor_id: string | null }>(
      'select action, resource_id, actor_id from audit_event order by created_at',
    );
    const seen = rows.map(({ action, resource_id }) => `${action} ${resource_id}`);
    expect(seen).toEqual(
      expect.arrayContaining([
        `order.created ${order.id}`,
        `invoice.paid ${placed.invoice.id}`,
        `domain.registered ${resource('domain')}`,
        `cloudpod.activated ${resource('cloudpod')}`,
        `email.activated ${resource('email')}`,
      ]),
    );
    expect(rows.find(({ action }) => action === 'order.created')?.actor_id).not.toBeNull();
    expect(rows.find(({ action }) => action === 'invoice.paid')?.actor_id).toBeNull();
  });

  test('its runs are found in Temporal by the order, with their state and words a person can read', () =>
    withEngine(stage.platform.env, async (workflow) => {
      const found = await until('visibility has caught up', async () => {
        const runs = await runsOf(workflow, `OrderId = '${order.id}' AND JobState = 'completed'`);
        return runs.length === 4 ? runs : undefined;
      });
      for (const run of found) {
        const said = run.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
        const { tenantId: TenantId } = order;
        expect(Object.fromEntries(said)).toMatchObject({ TenantId, CustomerId: customer.id, JobType: run.type });
      }
      const pod = found.find((run) => run.type === 'cloudpod_provision');
      const handle = workflow.getHandle(pod?.workflowId ?? '');
      expect(await (await handle.describe()).staticSummary()).toBe(`cloudpod provision ${resource('cloudpod')}`);
      const { events } = await readableHistory(stage.platform.env, workflow, handle.workflowId);
      const summaries = (events ?? [])
        .filter((event) => event.activityTaskScheduledEventAttributes)
        .map((event) => String(event.userMetadata?.summary?.data));
      expect(summaries).toEqual(expect.arrayContaining(['"create guest"', '"verify by TLS handshake"']));
    }));

  test('no secret has been written into a history', () =>
    withEngine(stage.platform.env, async (workflow) => {
      const { cipassword } = (await stage.world.guestOf(resource('cloudpod'))).config;
      for (const run of await runsOf(workflow, `OrderId = '${order.id}'`)) {
        const decoded = await readableHistory(stage.platform.env, workflow, run.workflowId, run.runId);
        const history = textOf(decoded);
        expect(history).toContain('"jobId":');
        for (const secret of [cipassword, password, 'PRIVATE KEY']) expect(history).not.toContain(secret);
      }
    }));
});

const jobOf = (jobs: Job[], type: string) => jobs.find((job) => job.type === type)?.id ?? '';
