import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Job, PlacedOrder } from '../support/client.ts';
import { until } from '../support/until.ts';
import { withEngine } from './stage/engine.ts';
import { openStage, type Stage } from './stage/index.ts';

const PRICE = 499;
const HOUR_S = 3600;

describe('an outside world that answers at the wrong time', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterEach(async () => {
    for (const system of ['stripe', 'acme'] as const) await stage.outside.mend(system);
  });
  afterAll(() => stage?.close());

  const buy = async (): Promise<PlacedOrder & { email: string }> => {
    const customer = await stage.customer();
    const placed = await stage.place(customer, [stage.pod(undefined, { sku: 'CPOD-CT' })]);
    await stage.pay(placed.invoice.id);
    return { ...placed, email: customer.email };
  };

  /** Seconds of each timer that the job's run has started. */
  async function timersOf(jobId: string): Promise<number[]> {
    const [job] = await stage.sql<{ workflow_id: string }>('select workflow_id from job where id = $1', [jobId]);
    const history = await withEngine(stage.platform.env, (workflow) =>
      workflow.getHandle(job!.workflow_id).fetchHistory(),
    );
    return (history.events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
      timer ? [Number(timer.startToFireTimeout?.seconds)] : [],
    );
  }

  test('events before the answer, twice, late and in reverse: charged once, delivered once', async () => {
    for (const [name, data] of [
      ['webhook-before-answer', undefined],
      ['webhook-twice', undefined],
      ['webhook-late', { ms: 200 }],
      ['webhook-reversed', undefined],
    ] as const)
      await stage.outside.fault('stripe', {
        match: '',
        phase: 'switch',
        action: { kind: 'switch', name, data },
        times: null,
      });
    const { order, invoice, email } = await buy();
    expect(await stage.ended(order.id)).toMatchObject({ status: 'active' });
    expect(await stage.world.money(invoice.id)).toEqual({ charged: [PRICE], refunded: [] });
    expect(await stage.invoice(invoice.id)).toMatchObject({ status: 'paid', amountRefunded: 0 });
    const guest = await stage.world.guestOf(order.items[0]!.resourceId);
    expect(guest.running).toBeDefined();
    expect((await stage.world.mails(email)).map(({ subject }) => subject)).toEqual(['Your order is ready']);
    const [completed] = await stage.sql<{ n: number }>(
      `select count(*)::int as n from stripe_event where type = 'checkout.session.completed' and invoice_id = $1`,
      [invoice.id],
    );
    expect(completed).toEqual({ n: 1 });
  });

  test('429 with a Retry-After of an hour: shown as blocked on a timer, asked once; retry goes on at once', async () => {
    await stage.outside.fault('acme', {
      match: 'new-order',
      phase: 'switch',
      action: { kind: 'switch', name: 'rate-limited', data: { seconds: HOUR_S } },
      times: null,
    });
    const { order, invoice } = await buy();
    const child = (): Promise<Job | undefined> =>
      stage.children(order.jobId).then((jobs) => jobs.find(({ type }) => type === 'cloudpod_provision'));
    const job = await until('it is shown as blocked', async () => {
      const now = await child();
      return now?.status === 'blocked' ? now : undefined;
    });
    expect(job).toMatchObject({ step: 'authorize certificate', reason: expect.stringMatching(/rate/i) });
    const asked = () => stage.outside.requests('acme', '^POST /new-order').then((requests) => requests.length);
    const before = await asked();
    expect(await timersOf(job.id)).toEqual([HOUR_S]);
    expect(await stage.job(job.id)).toMatchObject({ status: 'blocked' });

    await stage.outside.mend('acme');
    await stage.admin.post(`/jobs/${job.id}/retry`);
    expect(await stage.ended(order.id)).toMatchObject({ status: 'active' });
    expect((await asked()) - before).toBe(1);
    expect(await stage.world.money(invoice.id)).toEqual({ charged: [PRICE], refunded: [] });
  });
});
