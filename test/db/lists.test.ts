import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { z } from 'zod';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import type { Route } from '../../api/http/route.ts';
import { LISTS, type List, ONE } from '../../bench/lists/catalogue.ts';
import { seedList, seedParents } from '../../bench/lists/seed.ts';
import { sql } from '../../db/queries/rows.ts';
import { asPlatform, asTenant, type TenantScope, tenantScope } from '../../db/tenant-scope.ts';
import { newId } from '../../runtime/ids.ts';
import { type Api, startApi } from '../api/support.ts';
import { counted } from './support/counted.ts';

// Rows that a request looks at in a list's table, as PostgreSQL counts them. Time says nothing here; a page that is read
// past an index, put in order whole, or counted row by row looks at all of them.

/** Nine of ten are the tenant's: more than are counted. */
const ROWS = 12_000;
const PAGE_SIZE = 20;
/** One in a hundred answers to a filter, and few of them may be put in order. */
const LOOKED_AT = 500;
/** What a filter finds at most; one that is not heeded finds all. */
const FEW = 150;
/** Those that most rows answer to. */
const BROAD = ['activeOnly=true'];
/** Filters of a time, by path: the rows are a second apart. */
const TIMES: Record<string, string[]> = { '/audit': ['since=2026-01-01T03:19:00Z', 'until=2026-01-01T00:01:00Z'] };
/** Who calls, their limits, the page with its total; and what it hangs on. */
const QUESTIONS = 6;

interface Asked {
  text: string;
  params: unknown[];
  scope: TenantScope;
}

let api: Api;
let owner: pg.Client;
let tenantId: string;
let asked: Asked[] | undefined;

beforeAll(async () => {
  api = await startApi();
  const { tenantId: own } = (await api.admin('GET', '/api/auth/me')).body;
  tenantId = own;
  owner = new pg.Client({ connectionString: api.config.DATABASE_URL });
  await owner.connect();
  const connection = api.served.em.getConnection();
  const execute = connection.execute.bind(connection);
  connection.execute = ((text: string, params: unknown[], ...rest: never[]) => {
    asked?.push({ text, params, scope: tenantScope() });
    return execute(text, params, ...(rest as []));
  }) as typeof connection.execute;
});
afterAll(async () => {
  await owner.end();
  await api.close();
});

/** The answer, and the questions that it took. */
async function ask({ path }: List, query: string) {
  asked = [];
  const { body } = await api.admin('GET', `/api${path.replace('{id}', ONE)}?pageSize=${PAGE_SIZE}&${query}`);
  const questions = asked;
  asked = undefined;
  return { body, questions };
}

/** Rows of the table that the questions look at. */
async function lookedAt(table: string, questions: Asked[]): Promise<number> {
  let rows = 0;
  for (const { text, params, scope } of questions) {
    const again = () =>
      api.served.em.fork().transactional(async (tx) => {
        // Those of transactions that were just before may be among them.
        const before = await counted(tx, table);
        await sql(tx, text, params);
        return (await counted(tx, table)) - before;
      });
    if (scope === 'platform') rows += await asPlatform('as it was asked', again);
    else if (scope !== 'nobody') rows += await asTenant(scope.tenantId, again);
  }
  return rows;
}

const filtersOf = ({ path, filters }: List) => [...filters, ...(TIMES[path] ?? [])];

test('every filter of every list is asked', () => {
  const paging = ['page', 'pageSize', 'sort'];
  const routes = mpanelRoutes.filter(({ method, query }) => method === 'get' && 'pageSize' in parametersOf(query));
  const offered = routes.flatMap(({ path, query }) =>
    Object.keys(parametersOf(query))
      .filter((name) => !paging.includes(name))
      .map((name) => `${path}?${name}`),
  );
  const used = LISTS.flatMap((list) => filtersOf(list).map((filter) => `${list.path}?${filter.split('=')[0]}`));
  expect([...new Set(used)].sort()).toEqual(offered.sort());
  expect(routes.map(({ path }) => path.replace(':id', '{id}')).sort()).toEqual(LISTS.map(({ path }) => path).sort());
});

const parametersOf = (query: Route['query']): object =>
  (query && z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' }).properties) || {};

describe('of a list with more rows than are counted', () => {
  test.each(LISTS.map((list) => [list.path, list] as const))('%s looks at few', async (_, list) => {
    await seedList(owner, list, ROWS, [tenantId, newId()]);
    await seedParents(owner, tenantId);
    const { total } = (await ask(list, '')).body;
    const found: Record<string, unknown> = {};
    for (const query of ['', `page=${Math.ceil(total / PAGE_SIZE)}`, ...filtersOf(list)]) {
      const { body, questions } = await ask(list, query);
      const rows = await lookedAt(list.table, questions);
      const shown = body.items?.length ?? 0;
      const heeded = !filtersOf(list).includes(query) || BROAD.includes(query) || body.total <= FEW;
      const fine = shown > 0 && heeded && rows >= shown && rows <= LOOKED_AT && questions.length <= QUESTIONS;
      if (!fine) found[query] = { total: body.total, shown, rows, questions: questions.map(({ text }) => text) };
    }
    expect(found).toEqual({});
    if (!list.stays) await owner.query(`truncate "${list.table}" cascade`);
  });
});
