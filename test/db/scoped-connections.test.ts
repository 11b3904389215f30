import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { IsolationLevel, type MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { openDatabase } from '../../db/config.ts';
import { Customer } from '../../db/entities/index.ts';
import { sql } from '../../db/queries/rows.ts';
import { scopeConnections } from '../../db/scoped-connections.ts';
import { asPlatform, asTenant } from '../../db/tenant-scope.ts';
import { freshDatabase } from '../support/postgres.ts';
import { rowMaker } from './support/rows.ts';

// Who asks through connections that were somebody else's before; test/db/isolation.test.ts has what each may see.

const [A, B] = [randomUUID(), randomUUID()];
let database: Awaited<ReturnType<typeof freshDatabase>>;
let owner: pg.Client;
let orm: MikroORM;

beforeAll(async () => {
  database = await freshDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await owner.query('set session_replication_role = replica');
  for (const tenantId of [A, B]) await rowMaker(owner, tenantId).row('customer');
  orm = await openDatabase({ url: database.url, pool: 4 });
});
afterAll(async () => {
  await orm.close(true);
  await owner.end();
  await database.drop();
});

const ask = <T>(text: string, params: unknown[] = []) => sql<T>(orm.em.fork(), text, params);
const tenants = async () =>
  (await ask<{ id: string }>('select tenant_id as id from customer')).map(({ id }) => id).sort();
const both = [A, B].sort();

test('fifty at once on four connections never see each other’s rows', async () => {
  const looks = Array.from({ length: 50 }, async (_, index) => {
    const own = index % 2 ? A : B;
    if (index % 5 === 0) return expect(await asPlatform('test', tenants)).toEqual(both);
    if (index % 7 === 0) return expect(await tenants()).toEqual([]);
    await asTenant(own, async () => {
      expect(await tenants()).toEqual([own]);
      await orm.em.fork().transactional(async (tx) => {
        const inside = () => sql<{ id: string }>(tx, 'select tenant_id as id from customer order by 1');
        const looks = await Promise.all([inside(), asPlatform('test', inside), inside()]);
        const ids = looks.map((rows) => rows.map(({ id }) => id));
        expect(ids).toEqual([[own], both, [own]]);
      });
      expect(await tenants()).toEqual([own]);
    });
  });
  await Promise.all(looks);
});

test('rows that stream in are those of whom they were asked for', async () => {
  const streamed = async () => {
    const ids: string[] = [];
    for await (const customer of orm.em.fork().stream(Customer)) ids.push(customer.tenantId);
    return ids.sort();
  };
  expect(await asTenant(A, streamed)).toEqual([A]);
  expect(await asPlatform('test', streamed)).toEqual(both);
  expect(await streamed()).toEqual([]);
});

test('statements that do not wait for each other keep their own scope', async () => {
  const single = new pg.Pool({ connectionString: database.url, max: 1 });
  scopeConnections(single);
  const client = await single.connect();
  const look = async () => (await client.query<{ id: string }>('select tenant_id as id from customer')).rows;
  const looks = [asTenant(A, look), asTenant(B, look), look(), asTenant(A, look)];
  expect(await Promise.all(looks)).toEqual([[{ id: A }], [{ id: B }], [], [{ id: A }]]);
  client.release();
  await single.end();
});

describe('one connection, its messages read', () => {
  const messages: string[] = [];
  let single: pg.Pool;
  let client: pg.PoolClient;
  const look = async () => (await client.query<{ id: string }>('select tenant_id as id from customer order by 1')).rows;
  beforeEach(async () => {
    single = new pg.Pool({ connectionString: database.url, max: 1 });
    single.on('connect', (made) => {
      const send = made.query.bind(made) as (...query: unknown[]) => unknown;
      made.query = ((...query: [string]) => {
        messages.push(query[0]);
        return send(...query);
      }) as typeof made.query;
    });
    scopeConnections(single);
    client = await single.connect();
    await asTenant(A, look);
    expect(await asPlatform('test', look)).toEqual(both.map((id) => ({ id })));
    messages.length = 0;
  });
  afterEach(async () => {
    client.release();
    await single.end();
  });

  test('a change of scope goes along with the statement, and is taken back with one that fails', async () => {
    expect(await asTenant(B, look)).toEqual([{ id: B }]);
    expect(await asPlatform('test', look)).toHaveLength(2);
    expect(messages).toEqual(Array.from({ length: 2 }, () => expect.stringMatching(/set_config.*; select tenant_id/)));

    const [failed, after] = await Promise.allSettled([
      asTenant(A, () => client.query('select 1/0')),
      asTenant(A, look),
    ]);
    expect(failed.status).toBe('rejected');
    expect(after).toEqual({ status: 'fulfilled', value: [{ id: A }] });
  });

  test('a begin goes along with what is asked first', async () => {
    await asTenant(A, async () => {
      await client.query('begin');
      expect(await look()).toEqual([{ id: A }]);
      await client.query('commit');
    });
    expect(messages).toEqual([
      expect.stringMatching(
        /^begin; select set_config\('mpanel.actor'.*; select set_config\('role'.*; select tenant_id/,
      ),
      'commit',
    ]);
  });

  test('a transaction in which nothing is asked asks nothing', async () => {
    for (const end of ['commit', 'rollback']) {
      await client.query('begin');
      await client.query(end);
    }
    expect(messages).toEqual([]);
    expect(await asTenant(B, look)).toEqual([{ id: B }]);
    expect(messages).toEqual([expect.not.stringMatching(/begin/)]);
  });

  test('what has parameters comes after the begin, not along with it', async () => {
    await asTenant(A, async () => {
      await client.query('begin');
      const found = await client.query('select id from customer where tenant_id = $1 for update', [A]);
      expect(found.rowCount).toBe(1);
      const held = `select mode from pg_locks where relation = 'customer'::regclass and mode = 'RowShareLock'`;
      expect((await owner.query(held)).rowCount).toBe(1);
      await client.query('rollback');
    });
    expect(messages[0]).toMatch(/^begin; /);
  });

  test('a transaction whose first question fails is over with its rollback', async () => {
    await asTenant(A, async () => {
      await client.query('begin');
      await expect(client.query('select 1/0')).rejects.toThrow('division by zero');
      await expect(client.query('select 1')).rejects.toThrow('current transaction is aborted');
      await client.query('rollback');
      expect(await look()).toEqual([{ id: A }]);
    });
  });
});

test('a transaction of its own isolation begins in another scope', async () => {
  const one = await openDatabase({ url: database.url, pool: 1 });
  const look = (em = one.em.fork()) => sql<{ id: string }>(em, 'select tenant_id as id from customer order by 1');
  const isolated = () =>
    one.em.fork().transactional((tx) => look(tx), { isolationLevel: IsolationLevel.REPEATABLE_READ });
  try {
    await asTenant(A, () => look());
    await asPlatform('test', () => look());
    expect(await asTenant(A, isolated)).toEqual([{ id: A }]);
    expect(await asPlatform('test', isolated)).toHaveLength(2);
  } finally {
    await one.close(true);
  }
});

test('what a rollback takes back is said again', async () => {
  const one = await openDatabase({ url: database.url, pool: 1 });
  const look = (em = one.em.fork()) => sql<{ id: string }>(em, 'select tenant_id as id from customer order by 1');
  try {
    await asTenant(A, () => look());
    const failing = one.em.fork().transactional(async (tx) => {
      await asTenant(B, () => look(tx));
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await asTenant(B, () => look())).toEqual([{ id: B }]);

    await asTenant(A, () =>
      one.em.fork().transactional(async (tx) => {
        const inner = tx.transactional(async (nested) => {
          await asPlatform('test', () => sql(nested, 'select 1/0'));
        });
        await expect(inner).rejects.toThrow('division by zero');
        expect(await look(tx)).toEqual([{ id: A }]);
      }),
    );
    expect(await look()).toEqual([]);
  } finally {
    await one.close(true);
  }
});
