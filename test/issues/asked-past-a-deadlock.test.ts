import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { ADMIN, type Api, startApi } from '../api/support.ts';
import { until } from '../support/until.ts';

// A request that PostgreSQL ended in favour of a migration was answered 500.

let api: Api;
let other: pg.Client;
beforeAll(async () => {
  api = await startApi();
  other = new pg.Client({ connectionString: api.config.DATABASE_URL });
  await other.connect();
});
afterAll(async () => {
  await other.end();
  await api.close();
});

test('it is told to come again, and then it is done once', async () => {
  const { token } = (await api.anyone('POST', '/api/auth/login', { body: ADMIN })).body;
  const asked = { body: { name: 'Ada', email: 'ada@deadlock.test' }, headers: { 'idempotency-key': 'once' } };
  const create = () => api.withToken(token)('POST', '/api/customers', asked);

  await other.query('begin');
  await other.query('lock table customer in access exclusive mode');
  const first = create();
  await until('it waits for us', async () => {
    const waiting = `select from pg_locks where not granted and relation = 'customer'::regclass`;
    return (await other.query(waiting)).rowCount === 1;
  });
  // It has waited longer than we have: PostgreSQL ends the one whose deadlock_timeout is over first.
  await other.query('lock table idempotency_key in access exclusive mode');
  await other.query('commit');

  const { status, body, headers } = await first;
  expect([status, body.error.code, headers.get('retry-after')]).toEqual([503, 'UNAVAILABLE', '1']);
  expect((await create()).status).toBe(201);
  const { rows } = await other.query(`select from customer where email = 'ada@deadlock.test'`);
  expect(rows).toHaveLength(1);
}, 60_000);
