import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { mpanelRoutes } from '../../../api/contracts/mpanel/index.ts';
import { newId } from '../../../runtime/ids.ts';
import { examplesOf, opensPages, unique, type Wish } from '../examples.ts';
import { type Answer, type Api, type Caller, startApi, stock } from '../support.ts';
import { everybody, permissionsFor } from './callers.ts';
import { fingerprint } from './fingerprint.ts';
import { rowsOf } from './rows.ts';
import { type Line, lines, PEOPLE, type Verdict } from './table.ts';

// Every endpoint, by the table, as everybody, on the same row.

let api: Api;
let all: Awaited<ReturnType<typeof everybody>>;
let exampleOf: ReturnType<typeof examplesOf>;
let rows: Record<string, string>;
let tenantId: string;
/** Products, which everybody of the house knows. */
let sold: string[];

beforeAll(async () => {
  api = await startApi({ UNPAID_ORDERS_MAX: '100000', PAYMENT_WINDOW_SECONDS: '86400' });
  const shop = await stock(api, 250);
  tenantId = shop.tenantId;
  sold = Object.values(shop.products).map(({ id }) => id);
  all = await everybody(api);
  opensPages(api);
  exampleOf = examplesOf(api, shop, all.customerId);
  rows = await rowsOf(api, shop, all.customerId);
});
afterAll(() => api.close());

const routes = new Map(mpanelRoutes.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route]));
const isList = ({ method, path }: Line) => method === 'GET' && !path.includes(':') && rows[path] !== undefined;

/** What a line asks for: of a read the row that all ask for, of a write a new one. */
async function wishOf(line: Line): Promise<Wish> {
  const { method, path } = line;
  if (method !== 'GET') return exampleOf(method.toLowerCase(), path);
  const noun = path.split('/:')[0] ?? path;
  return { path: path.replace(':id', rows[noun] ?? '') + (QUERIES[path] ?? (isList(line) ? EARLIEST : '')) };
}

/** What every list is asked for: the rows of the beginning are on the first page then. */
const EARLIEST = '?pageSize=200&sort=createdAt';
const QUERIES: Record<string, string> = { '/domains/search': '?q=example.zz' };

const ask = (call: Caller, { method }: Line, { path, body }: Wish, headers: Record<string, string> = {}) =>
  call(method, `/api${path}`, { headers, ...(body ? { body } : {}) });

/** A refusal names no row that the request did not. */
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What is wrong with somebody's answer by the verdict. */
async function wrong(line: Line, verdict: Verdict, call: Caller, wish: Wish): Promise<string | undefined> {
  const answer = await ask(call, line, wish);
  const { status, text, body } = answer;
  const told = `${status} ${text.slice(0, 300)}`;
  const said = JSON.stringify(wish);
  if (typeof verdict === 'number') {
    const unsaid = text.match(ID)?.find((id) => !said.includes(id));
    return status === verdict && isPlain(answer) && !unsaid ? undefined : told;
  }
  if (status < 200 || status > 299) return told;
  const row = rows[line.path.replace('/:id', '')];
  const has = isList(line) ? body.items.some(({ id }: { id: string }) => id === row) : !row || text.includes(row);
  if (verdict === 'yes') return line.method !== 'GET' || has ? undefined : `without the row: ${told}`;
  const strange = strangeTo(call).find((id) => text.includes(id) && !said.includes(id));
  return strange && `with ${strange}: ${told}`;
}

/** The house and what it sells are known to its people. */
const KNOWN = ['/tenants', '/products', '/billing/plans', '/billing/addons'];

/** Ids that somebody is not to see where only their own is. */
const strangeTo = (call: Caller): string[] =>
  Object.keys(rows)
    .filter((path) => call === all.people.foreign || !KNOWN.includes(path))
    .map((path) => rows[path] as string);

/** Ends of ids, and names that are made for one request. */
const OWN = /[0-9a-f]{12}(?![0-9a-f])/g;

/** How the refusal of what is somebody else's differs from that of the same on what is not there. */
async function differs(line: Line, call: Caller, { path, body }: Wish): Promise<string | undefined> {
  const others = new Map<string, string>();
  const elsewhere = JSON.stringify({ path, body }).replace(OWN, (own) => {
    if (call !== all.people.foreign && sold.some((id) => id.endsWith(own))) return own;
    const other = others.get(own) ?? unique();
    others.set(own, other);
    return other;
  });
  const there = await ask(call, line, { path, ...(body ? { body } : {}) });
  const nowhere = await ask(call, line, JSON.parse(elsewhere));
  const text = [...others].reduce((said, [own, other]) => said.replaceAll(other, own), nowhere.text);
  const same = there.status === nowhere.status && there.text === text;
  return same ? undefined : `${there.status} ${there.text}, of nothing ${nowhere.status} ${text}`;
}

/** What is missing and what is forbidden are told in the same words. */
const isPlain = ({ status, body }: Answer) => status !== 404 || body.error.code === 'NOT_FOUND';

describe('The table', () => {
  test('has a line for every route, and none for what there is not', () => {
    expect(lines.map(({ name }) => name).sort()).toEqual([...routes.keys()].sort());
  });
});

const signedIn = lines.filter(({ needs }) => needs !== 'public');

describe.each(lines.filter(({ needs }) => needs === 'public'))('$name', ({ method, path }) => {
  test('asks nobody to sign in', async () => {
    const { status, body } = await api.anyone(method, `/api${path.replace(':id', newId())}`);
    expect(status === 401 && body.error.code === 'UNAUTHENTICATED').toBe(false);
  });
});

/** Who does it to the very row that the others were refused. */
const ownerOf = ({ of }: Line) => PEOPLE.find((who) => of[who] === 'yes');

describe.each(signedIn)('$name', (line) => {
  test('is refused where the table says so, and changes nothing then', async () => {
    const wish = await wishOf(line);
    const { reader, clerk } = all.staff;
    const refused: [string, Verdict, Caller][] = [['nobody', 401, api.anyone]];
    for (const who of PEOPLE) if (typeof line.of[who] === 'number') refused.push([who, line.of[who], all.people[who]]);
    if (line.needs === 'self') refused.push(['a key', 403, all.key]);
    if (line.needs === 'platform') refused.push(['a key', 404, all.key]);
    if (line.needs.includes('.')) {
      const [needs = '', more] = line.needs.split('+');
      const may = permissionsFor(needs);
      await reader.may(more ? [needs, ...may.reader] : may.reader);
      await clerk.may(may.clerk);
      if (more || !needs.endsWith('.read')) refused.push(['a reader', may.known ? 403 : 404, reader.call]);
      refused.push(['a clerk', 404, clerk.call]);
    }
    const before = await fingerprint(api);
    const answers = [];
    for (const [who, verdict, call] of refused) answers.push([who, await wrong(line, verdict, call, wish)]);
    // Who is told 403 knows the row.
    if (line.method !== 'GET')
      for (const who of ['foreign', 'stranger'] as const)
        if (line.of[who] === 404 || line.of[who] === 422)
          answers.push([`${who}, of nothing`, await differs(line, all.people[who], wish)]);
    expect(answers.filter(([, problem]) => problem)).toEqual([]);
    expect(await fingerprint(api)).toEqual(before);
    // The same row is there for those who may.
    const owner = ownerOf(line);
    if (owner) expect([owner, await wrong(line, 'yes', all.people[owner], wish)]).toEqual([owner, undefined]);
    if (wish.as) expect(await wrong(line, 'yes', wish.as.call, wish)).toBeUndefined();
  });

  test('is open where the table says so', async () => {
    const answers = [];
    for (const who of PEOPLE)
      if (who !== ownerOf(line) && (line.of[who] === 'yes' || line.of[who] === 'own'))
        answers.push([who, await wrong(line, line.of[who], all.people[who], await wishOf(line))]);
    if (line.needs.includes('.') && !line.needs.includes('+') && line.of.admin !== '-') {
      await all.staff.holder.may([line.needs]);
      answers.push(['staff', await wrong(line, line.of.admin, all.staff.holder.call, await wishOf(line))]);
      if (line.method === 'GET') answers.push(['a key', await wrong(line, line.of.admin, all.key, await wishOf(line))]);
    }
    expect(answers.filter(([, problem]) => problem)).toEqual([]);
  });
});

describe('Another tenant', () => {
  test('is not reached by naming it, in a header or in the query', async () => {
    const answers = [];
    for (const line of signedIn.filter(({ method }) => method === 'GET')) {
      const { path } = await wishOf(line);
      const named = `${path}${path.includes('?') ? '&' : '?'}tenantId=${tenantId}`;
      answers.push([line.name, (await ask(all.people.foreign, line, { path }, { 'x-tenant-id': tenantId })).status]);
      answers.push([line.name, (await ask(all.people.foreign, line, { path: named })).status]);
    }
    expect(answers.filter(([, status]) => status !== 404)).toEqual([]);
  });

  test('and what is not there are the same bytes', async () => {
    const reads = signedIn.filter(({ method, path }) => method === 'GET' && path.includes(':id'));
    for (const line of reads) {
      const missing = await ask(all.people.foreign, line, { path: line.path.replace(':id', newId()) });
      expect((await ask(all.people.foreign, line, await wishOf(line))).text).toBe(missing.text);
    }
  });
});

/** What a filter is set to so that it finds the row. */
const VALUES: Record<string, () => string[]> = {
  customerId: () => [rows['/customers']!],
  domainId: () => [rows['/domains']!],
  findingId: () => [rows['/guardian/findings']!],
  targetId: () => [rows['/orders']!, rows['/cloudpods']!],
  parentJobId: () => [rows['/jobs']!],
  resourceId: () => [rows['/customers']!],
  actorId: () => [newId()],
  resourceType: () => ['customer'],
  search: () => ['John', 'john@example.com', '@'],
  type: () => ['customer', 'order'],
  q: () => ['example.com'],
  tld: () => ['com'],
  since: () => ['2000-01-01T00:00:00Z'],
  until: () => ['2100-01-01T00:00:00Z'],
  page: () => ['1'],
  pageSize: () => ['200'],
};

const filters = (line: Line) => {
  const { properties = {} } = z.toJSONSchema(routes.get(line.name)!.query!, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties as Record<string, { enum?: string[] }>).flatMap(([name, { enum: words }]) => {
    const values = words ?? VALUES[name]?.();
    if (!values) throw new Error(`${line.name}: no value for the filter ${name}`);
    return values.map((value) => ({ path: `${line.path}?${name}=${encodeURIComponent(value)}` }));
  });
};

test('no filter and no search shows what is not one’s own', async () => {
  const answers = [];
  for (const line of signedIn.filter(isList))
    for (const who of ['stranger', 'foreign'] as const)
      if (line.of[who] === 'own')
        for (const wish of filters(line))
          answers.push([who, wish.path, await wrong(line, 'own', all.people[who], wish)]);
  expect(answers.length).toBeGreaterThan(100);
  expect(answers.filter(([, , problem]) => problem)).toEqual([]);
});
