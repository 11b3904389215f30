import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ErrorBody } from '../../api/contracts/mpanel/errors.ts';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import type { Route } from '../../api/http/route.ts';
import { newId } from '../../runtime/ids.ts';
import { type Answer, type Api, startApi, stock } from './support.ts';

// Every route with what no client of sound mind would send: it is refused in words, and nothing falls over.

let api: Api;
beforeAll(async () => {
  api = await startApi();
  await stock(api);
  // What asks the engine gets no answer here.
  api.engine.answer = () => 'late';
});
afterAll(() => api.close());

const routes = mpanelRoutes.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const);
const withIds = routes.filter(([, { path }]) => path.includes(':'));
const withQuery = routes.filter(([, { query }]) => query);
const withBody = routes.filter(([, { body, raw }]) => body && !raw);

const HUGE = 'x'.repeat(100_000);
const IDS = ['0', 'null', '%27%3B--', '%00', '..%2F..', HUGE.slice(0, 5_000), `${newId()}x`];
const VALUES = [null, -1, 1e308, true, HUGE, [[]], { a: { b: [] } }, '\u202e'];

const call = (route: Route, path: string, init: Parameters<Api['admin']>[2] = {}): Promise<Answer> =>
  api.admin(route.method.toUpperCase(), `/api${path}`, init);

/** Refusals that are no words of ours, or that say that something broke. */
function wrongAnswers(answers: { what: unknown; answer: Answer }[]): unknown[] {
  return answers
    .filter(({ answer: { status, body } }) => status < 400 || status >= 500 || !ErrorBody.safeParse(body).success)
    .filter(({ answer: { status, body } }) => !(status === 504 && body.error.code === 'PROVIDER_TIMEOUT'))
    .map(({ what, answer: { status, text } }) => [JSON.stringify(what).slice(0, 200), status, text.slice(0, 200)]);
}

const filled = (path: string, id: string) => path.replace(/:\w+/g, id);

test.each(withIds)('%s with ids that are none', async (_, route) => {
  const answers = [];
  for (const id of IDS) answers.push({ what: id, answer: await call(route, filled(route.path, id)) });
  expect(wrongAnswers(answers)).toEqual([]);
});

test.each(withQuery)('%s with queries that mean nothing', async (_, route) => {
  const names = Object.keys(propertiesOf(route.query as z.ZodType));
  const wrong = ['unknown=1', '__proto__=1', '%=1', 'page[]=1', ...names.map((name) => `${name}=1&${name}=2`)];
  for (const name of names)
    if (!['search', 'ticket', 'type', 'q', 'tld'].includes(name)) wrong.push(`${name}=${HUGE.slice(0, 2_000)}`);
  const answers = [];
  for (const query of wrong)
    answers.push({ what: query, answer: await call(route, `${filled(route.path, newId())}?${query}`) });
  expect(wrongAnswers(answers)).toEqual([]);
});

test.each(withBody)('%s with bodies that mean nothing', async (_, route) => {
  const path = filled(route.path, newId());
  const answers = [];
  for (const raw of ['{', '[', 'null', '1', '"x"', '[]', '{"a":}', '\ufeff{}{}', '\0'])
    answers.push({
      what: raw,
      answer: await call(route, path, { raw, headers: { 'content-type': 'application/json' } }),
    });
  answers.push({
    what: 'text',
    answer: await call(route, path, { raw: 'a=1', headers: { 'content-type': 'text/plain' } }),
  });
  for (const name of [...Object.keys(propertiesOf(route.body as z.ZodType)), '__proto__', 'constructor'])
    for (const value of VALUES) {
      const body = JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(value)}, "unknown": 1}`) as object;
      answers.push({ what: { [name]: value }, answer: await call(route, path, { body }) });
    }
  expect(wrongAnswers(answers)).toEqual([]);
});

function propertiesOf(schema: z.ZodType): Record<string, unknown> {
  const { properties, anyOf, oneOf } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, unknown>;
    anyOf?: { properties?: Record<string, unknown> }[];
    oneOf?: { properties?: Record<string, unknown> }[];
  };
  return (
    properties ?? Object.assign({}, ...[...(anyOf ?? []), ...(oneOf ?? [])].map((option) => option.properties ?? {}))
  );
}
