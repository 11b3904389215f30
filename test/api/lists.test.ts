import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Tenant } from '../../db/entities/index.ts';
import { sql } from '../../db/queries/rows.ts';
import { asTenant } from '../../db/tenant-scope.ts';
import { newId } from '../../runtime/ids.ts';
import { type Api, startApi } from './support.ts';

// Customers of two tenants, more than are counted.

const OWN = 12_000;
const FOREIGN = 500;
let api: Api;
let foreignId: string;

beforeAll(async () => {
  api = await startApi();
  const em = api.orm.em.fork();
  const { id } = await em.findOneOrFail(Tenant, { name: 'mpanel' });
  foreignId = newId();
  await em.insert(Tenant, { id: foreignId, name: 'Other' });
  const add = `insert into customer (id, tenant_id, name, email, created_at)
    select gen_random_uuid(), ?, ? || i, ? || i || '@example.com', timestamptz '2026-01-01' + i * interval '1 second'
    from generate_series(1, ?::int) i`;
  await em.transactional(async (tx) => {
    // Past the triggers: the log of them would take longer than all else.
    await sql(tx, 'set local session_replication_role = replica');
    await sql(tx, add, [id, 'Own ', 'own', OWN]);
    await sql(tx, add, [foreignId, 'Foreign ', 'foreign', FOREIGN]);
  });
  await sql(em, 'analyze customer');
});
afterAll(() => api.close());

interface Shown {
  items: { name: string }[];
  total: number;
  totalIsEstimate?: true;
}
const list = async (query: string): Promise<Shown> => (await api.admin('GET', `/api/customers?${query}`)).body as Shown;
const names = ({ items }: Shown) => items.map(({ name }) => name);
const find = (search: string) => list(`search=${encodeURIComponent(search)}`);

describe('a list that is longer than is counted', () => {
  test('estimates its total, and its last page has the last rows in their order', async () => {
    const { total, totalIsEstimate } = await list('pageSize=7');
    expect(totalIsEstimate).toBe(true);
    expect(total).toBeGreaterThan(10_000);
    const last = Math.ceil(total / 7);
    const oldest = await list(`pageSize=7&page=${last}`);
    expect(names(oldest)).toEqual(
      ['Own 7', 'Own 6', 'Own 5', 'Own 4', 'Own 3', 'Own 2', 'Own 1'].slice(-oldest.items.length),
    );
    const newest = await list(`pageSize=7&page=${last}&sort=createdAt`);
    expect(names(newest).at(-1)).toBe(`Own ${OWN}`);
    expect(oldest.items.length).toBe(total % 7 || 7);
  });

  test('counts where there are few', async () => {
    expect(await find('own1199')).toMatchObject({ total: 11 });
  });
});

describe('a search', () => {
  test('finds parts of names and addresses, whatever their case, newest first', async () => {
    expect(names(await find('N 1199'))).toEqual(['Own 11999', 'Own 11998', 'Own 11997', 'Own 11996', 'Own 11995', 'Own 11994', 'Own 11993', 'Own 11992', 'Own 11991', 'Own 11990', 'Own 1199']); // biome-ignore format: a list
    expect(names(await find('OWN42@EXAMPLE'))).toEqual(['Own 42']);
  });

  test('pages, and estimates like any list', async () => {
    const { total, totalIsEstimate } = await find('own');
    expect(totalIsEstimate).toBe(true);
    expect(total).toBeGreaterThan(10_000);
    expect(names(await list('search=own1199&pageSize=2&page=2&sort=createdAt'))).toEqual(['Own 11991', 'Own 11992']);
  });

  test.each(['%', '_', '\\', "'", "' or true --", '%L', '$1', 'own_', 'o%n'])('takes %s as it is', async (text) => {
    expect(await find(text)).toEqual({ items: [], total: 0 });
  });

  test('finds no other tenant’s, and nothing for nobody', async () => {
    expect(await find('foreign')).toEqual({ items: [], total: 0 });
    const ask = () =>
      sql(api.served.em.fork(), 'select cardinality(ids) as n, total from customer_search(?, true, 10, 0, 10)', [
        '%foreign1%',
      ]);
    expect(await ask()).toEqual([{ n: 0, total: 0 }]);
    expect(await asTenant(foreignId, ask)).toMatchObject([{ n: 10, total: expect.any(Number) }]);
  });
});
