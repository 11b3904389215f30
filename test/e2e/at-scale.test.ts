import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seedList } from '../../bench/lists/seed.ts';
import { withClient } from '../../scripts/launch/database.ts';
import type { Order } from '../support/client.ts';
import { openStage, type Stage } from './stage/index.ts';

// What an order costs must not depend on how many there were. Time says nothing here: PostgreSQL counts the rows that it
// looks at in each table, and whoever looks for a row without an index looks at all of them.

const ROWS = 3_000;
/** Of what was sold before, by table: what all of it costs to look at even once is too much. */
const SOLD: Record<string, Record<string, string>> = {
  customer: { email: `'c' || i || '@sold.example'` },
  orders: { status: `'active'` },
  order_item: { status: `'delivered'` },
  invoice: { status: `'paid'` },
  checkout_session: { status: `'complete'` },
  payment: {},
  refund: { status: `'succeeded'` },
  subscription: { status: `'cancelled'` },
  // Not asked for by anybody, and never at their end: those of orders that are not paid yet.
  job: {
    status: `'running'`,
    type: `case when i % 2 = 0 then 'order_fulfil' else 'cloudpod_provision' end`,
    order_id: 'row_id(i)',
  },
  job_step: { status: `'done'` },
  job_event: {},
  outbox: { state: `'sent'` },
  notification: { sent_at: 'now()' },
  // Held by orders that are not paid yet, on no node: what is left of one is a sum over its guests, which are hundreds.
  instance: { status: `'pending'`, vmid: '1000000 + i', hostname: `'h' || i` },
  domain: { status: `'deleted'`, name: `'d' || i` },
  dns_zone: { status: `'active'`, name: `'z' || i` },
  dns_record: { managed_by: `'sold/' || i` },
  certificate: { status: `'revoked'` },
  email_domain: { status: `'deleted'`, name: `'e' || i` },
  mailbox: { status: `'deleted'`, local_part: `'box' || i` },
  secret: {},
  stripe_event: { id: `'evt_sold_' || i`, invoice_id: 'row_id(i)' },
  users: { email: `'u' || i || '@sold.example'` },
  refresh_token: {},
};
const TABLES = Object.keys(SOLD);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ env: { SWEEP_SECONDS: '86400', GUARDIAN_SCAN_SECONDS: '0' } });
  const [tenant] = await stage.sql<{ id: string }>('select id from tenant limit 1');
  const id = String(tenant?.id);
  await withClient(String(stage.platform.env.DATABASE_URL), async (owner) => {
    for (const [table, values] of Object.entries(SOLD)) await seedList(owner, { table, values }, ROWS, [id, id]);
    await owner.query('select pg_stat_reset()');
  });
}, 180_000);
afterAll(() => stage?.close());

/** Tables of which as many rows were looked at as there are. Sessions tell their last when they end. */
async function lookedThrough(): Promise<{ table: string; rows: number }[]> {
  await stage.platform.kill('api');
  await stage.platform.kill('workers');
  return stage.sql(
    `select relname as "table", (seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_user_tables
     where relname = any($1) and seq_tup_read + idx_tup_fetch >= $2`,
    [TABLES, ROWS],
  );
}

async function buy(...wishes: Parameters<Stage['place']>[1]): Promise<Order> {
  const { order, invoice } = await stage.place(await stage.customer(), wishes);
  await stage.pay(invoice.id);
  const ended = await stage.ended(order.id, 60_000);
  expect(ended).toMatchObject({ status: 'active' });
  return ended;
}

test('nothing that an order needs is looked for among all that were sold before', async () => {
  const name = stage.name();
  await buy(stage.domain(name), stage.mail(name), stage.pod());
  const { items } = await buy(stage.pod(undefined, { sku: 'CPOD-CT', addons: ['ADDON-IP', 'BACKUP-DAILY'] }));
  const pod = items.find(({ type }) => type === 'cloudpod')?.resourceId;
  for (const verb of ['suspend', 'unsuspend']) {
    const { job } = await stage.admin.post<{ job: { id: string } }>(`/cloudpods/${pod}/${verb}`);
    await stage.stands(job.id, 'completed');
  }
  const { job } = await stage.admin.send<{ job: { id: string } }>('DELETE', `/cloudpods/${pod}`);
  await stage.stands(job.id, 'completed', 60_000);
  const unpaid = await stage.place(await stage.customer(), [stage.pod()]);
  await stage.admin.send('PATCH', `/invoices/${unpaid.invoice.id}/status`, { status: 'cancelled' });
  expect(await stage.ended(unpaid.order.id)).toMatchObject({ status: 'cancelled' });

  expect(await lookedThrough()).toEqual([]);
}, 180_000);
