import pg from 'pg';
import { type Api, signIn } from '../../scripts/demo/api.ts';
import { timed } from '../../scripts/stage/load.ts';
import type { Stage } from '../../scripts/stage/stage.ts';
import type { Figure, Measured } from '../figure.ts';
import { LISTS, type List, ONE } from '../lists/catalogue.ts';
import { type Served, serveDatabase } from '../lists/process.ts';
import { seedList, seedParents } from '../lists/seed.ts';
import type { Options } from '../options.ts';
import { cpuSeconds } from '../processes.ts';
import { median, quantile } from '../stats.ts';

const FEW = 1_000;
const MOST = 100;
const WARM_UP = 5;
const PAGE_SIZE = 20;

interface Shown {
  items: unknown[];
  total: number;
}

/** Milliseconds, by what was asked for; `cpu`: of the API and PostgreSQL for one request, whatever else the machine does. */
type Taken = Record<string, { p50: number; p95: number; cpu: number }>;

/**
 * Every list of the API with a thousand rows and with a million, nine of ten of one tenant, asked for by its administrator
 * one request after the other: the first page, the last one, and pages of a few of the rows.
 */
export async function measureLists(stage: Stage, { rows, orders }: Options): Promise<Measured> {
  const count = Math.min(orders, MOST);
  const sizes = [...new Set([Math.min(FEW, rows), rows])];
  const tables = new Map<number, Map<string, Taken>>();
  const wrong: string[] = [];
  for (const size of sizes) {
    const served = await serveDatabase(stage, `lists_${size}`);
    try {
      tables.set(size, await measureSize(stage, served, { size, count }, wrong));
    } finally {
      await served.stop();
    }
  }
  return { figures: LISTS.map((list) => figureOf(list, sizes, tables)), wrong: [...new Set(wrong)] };
}

async function measureSize(
  stage: Stage,
  served: Served,
  { size, count }: { size: number; count: number },
  wrong: string[],
): Promise<Map<string, Taken>> {
  const owner = new pg.Client({ connectionString: served.databaseUrl });
  await owner.connect();
  try {
    // Again for each list: a million rows take longer to come than a token lives.
    const enter = () => signIn(served.url, stage.admin);
    wrong.push(...(await unknownLists(served.url)));
    const { tenantId } = await (await enter()).get<{ tenantId: string }>('/auth/me');
    const tenants: [string, string] = [tenantId, crypto.randomUUID()];
    const taken = new Map<string, Taken>();
    const cpuMs = () => {
      const { served: api = 0, postgres = 0 } = cpuSeconds(stage.platform, { served: served.pid });
      return (api + postgres) * 1000;
    };
    for (const list of LISTS) {
      await seedList(owner, list, size, tenants);
      await seedParents(owner, tenantId);
      // Written out now, not while it is measured.
      await owner.query('checkpoint');
      taken.set(list.path, await measureList(await enter(), list, { count, cpuMs }, wrong));
      console.log(`  ${size} rows, ${list.path}: ${detail(taken.get(list.path) as Taken)}`);
      if (!list.stays) await owner.query(`truncate "${list.table}" cascade`);
    }
    return taken;
  } finally {
    await owner.end();
  }
}

/** What the API says that it lists, and the catalogue does not know. */
async function unknownLists(url: string): Promise<string[]> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, { get?: { parameters?: { name: string }[] } }>;
  };
  const lists = Object.keys(paths).filter((path) => paths[path]?.get?.parameters?.some(({ name }) => name === 'page'));
  const known = new Set(LISTS.map(({ path }) => `/api${path}`));
  return lists.filter((path) => !known.has(path)).map((path) => `${path} is a list that is not measured`);
}

async function measureList(
  api: Api,
  { path, filters }: List,
  { count, cpuMs }: { count: number; cpuMs(): number },
  wrong: string[],
): Promise<Taken> {
  const at = path.replace('{id}', ONE);
  const ask = (query: string) => api.get<Shown>(`${at}?pageSize=${PAGE_SIZE}&${query}`);
  const { total } = await ask('');
  const asked: Record<string, string> = { first: '', last: `page=${Math.max(1, Math.ceil(total / PAGE_SIZE))}` };
  for (const filter of filters) asked[filter.replace(`=${ONE}`, '')] = filter;
  const taken: Taken = {};
  for (const [name, query] of Object.entries(asked)) {
    if (!(await ask(query)).items.length) wrong.push(`${path}?${query} shows nothing`);
    for (let call = 0; call < WARM_UP; call++) await ask(query);
    const calls: number[] = [];
    const before = cpuMs();
    while (calls.length < count) calls.push(await timed(() => ask(query)));
    taken[name] = { p50: median(calls), p95: quantile(calls, 0.95), cpu: (cpuMs() - before) / count };
  }
  return taken;
}

/** The slowest of a list's pages with the most rows; beside it all of them as p50/p95 (CPU), at each size. */
function figureOf({ path }: List, sizes: number[], tables: Map<number, Map<string, Taken>>): Figure {
  const last = tables.get(sizes.at(-1) as number)?.get(path) as Taken;
  const each = sizes.map((size) => `${size} rows: ${detail(tables.get(size)?.get(path) as Taken)}`);
  const value = Math.max(...Object.values(last).map(({ p95 }) => p95));
  return { name: `GET ${path}, p95`, value, unit: 'ms', aim: { most: 20 }, detail: each.join(' | ') };
}

const detail = (taken: Taken) =>
  Object.entries(taken)
    .map(([name, { p50, p95, cpu }]) => `${name} ${p50.toFixed(1)}/${p95.toFixed(1)} (${cpu.toFixed(1)})`)
    .join(', ');
