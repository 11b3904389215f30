import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seedList } from '../../bench/lists/seed.ts';
import { withClient } from '../../scripts/launch/database.ts';
import type { Order } from '../support/client.ts';
import { until } from '../support/until.ts';
import { NO_SWEEPS, openStage, type Stage } from './stage/index.ts';

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
  // Those of orders that are not paid yet: none of them is at its end.
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
  vmid_slot: { vmid: '500000 + i', instance_id: 'row_id(i)' },
  ip_address: { address: `'10.77.0.0'::inet + i`, family: '4', prefix_length: '16', instance_id: 'row_id(i)' },
};
const TABLES = Object.keys(SOLD);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ env: { ...NO_SWEEPS, GUARDIAN_SCAN_SECONDS: '0' } });
  const [tenant] = await stage.sql<{ id: string }>('select id from tenant limit 1');
  const id = String(tenant?.id);
  await withClient(String(stage.platform.env.DATABASE_URL), async (owner) => {
    for (const [table, values] of Object.entries(SOLD)) await seedList(owner, { table, values }, ROWS, [id, id]);
    await owner.query('select pg_stat_reset()');
  });
}, 180_000);
afterAll(() => stage?.close());

/** Tables of which as many rows were looked at as there are, by themselves or in an index. */
async function lookedThrough(): Promise<{ table: string; rows: number }[]> {
  await stage.platform.kill('api');
  await stage.platform.kill('workers');
  await until('their sessions have told what they looked at', async () => {
    const [row] = await stage.sql<{ left: number }>(
      `select count(*)::int as left from pg_stat_activity
       where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    return row?.left === 0;
  });
  return stage.sql(
    `select relname as "table", rows::int from (
       select t.relname, t.seq_tup_read + (select sum(idx_tup_read) from pg_stat_user_indexes i where i.relid = t.relid) as rows
       from pg_stat_user_tables t where t.relname = any($1)) looked where rows >= $2`,
    [TABLES, ROWS],
  );
}

/** The end of a job, asked for so seldom that asking does not count. */
function ended(jobId: string): Promise<string> {
  const look = async () => {
    await stage.sql('select pg_sleep(0.5)');
    const [job] = await stage.sql<{ status: string }>('select status from job where id = $1 and ended_at is not null', [
      jobId,
    ]);
    return job?.status;
  };
  return until('the job ends', look, 60_000);
}

async function buy(...wishes: Parameters<Stage['place']>[1]): Promise<Order> {
  const { order, invoice } = await stage.place(await stage.customer(), wishes);
  await stage.pay(invoice.id);
  expect(await ended(order.jobId)).toBe('completed');
  return order;
}

test('nothing that an order needs is looked for among all that were sold before', async () => {
  const name = stage.name();
  await buy(stage.domain(name), stage.mail(name), stage.pod());
  const { items } = await buy(stage.pod(undefined, { sku: 'CPOD-CT', addons: ['ADDON-IP', 'BACKUP-DAILY'] }));
  const pod = items.find(({ type }) => type === 'cloudpod')?.resourceId;
  for (const verb of ['suspend', 'unsuspend']) {
    const { job } = await stage.admin.post<{ job: { id: string } }>(`/cloudpods/${pod}/${verb}`);
    expect(await ended(job.id)).toBe('completed');
  }
  const { job } = await stage.admin.send<{ job: { id: string } }>('DELETE', `/cloudpods/${pod}`);
  expect(await ended(job.id)).toBe('completed');
  const unpaid = await stage.place(await stage.customer(), [stage.pod()]);
  await stage.admin.send('PATCH', `/invoices/${unpaid.invoice.id}/status`, { status: 'cancelled' });
  expect(await ended(unpaid.order.jobId)).toBe('cancelled');

  expect(await lookedThrough()).toEqual([]);
}, 180_000);
