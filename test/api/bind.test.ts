import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import express from 'express';
import { z } from 'zod';
import { ErrorBody, presentError } from '../../api/contracts/mpanel/errors.ts';
import { bindRoutes } from '../../api/http/bind.ts';
import { handleErrors } from '../../api/http/errors.ts';
import { createLimits } from '../../api/http/rate-limit.ts';
import { ok, publicRoute } from '../../api/http/route.ts';
import { createTokens } from '../../api/http/tokens.ts';
import { drain, listen } from '../../api/server.ts';
import { createLogger } from '../../runtime/logger.ts';
import { holdToPromise } from '../support/promised.ts';
import { type Api, startApi } from './support.ts';

const Pet = z.strictObject({ name: z.string(), legs: z.int().optional() });
const ANSWERS = {
  right: { name: 'Rex', legs: 4 },
  extra: { name: 'Rex', password: 'hunter2' },
  missing: { legs: 4 },
  wrong: { name: 'Rex', legs: 'hunter2' },
  inside: [{ name: 'Rex' }],
  nothing: undefined,
};

/** Handlers whose types have been looked past, as a row with more columns than its type tells of would. */
const routes = Object.entries(ANSWERS).map(([name, body]) =>
  publicRoute({
    ...{ method: 'get', path: `/${name}`, summary: name, tag: 'Pets', responses: { 200: Pet } },
    handler: async () => ok(body as z.output<typeof Pet>),
  }),
);
const status = publicRoute({
  ...{ method: 'get', path: '/status', summary: 'status', tag: 'Pets', responses: { 200: Pet } },
  handler: async () => ({ status: 201 as 200, body: ANSWERS.right }),
});

let api: Api;
const logger = createLogger('api', 'silent');
const logged = jest.spyOn(logger, 'error');
const served: Record<'checked' | 'trusted', { close(): Promise<unknown>; url: string }> = {} as typeof served;
beforeAll(async () => {
  api = await startApi();
  const { served: orm, config, engine, seal, live } = api;
  const limits = createLimits(config, () => orm.em.fork(), logger);
  const deps = { orm, config, engine, seal, live, logger, limits, tokens: createTokens(config.JWT_SECRET) };
  for (const [name, checkResponses] of Object.entries({ checked: true, trusted: false })) {
    const app = express();
    bindRoutes(app, [...routes, status], { ...deps, checkResponses });
    app.use(handleErrors(logger, presentError));
    const { server, port } = await listen(app, { host: '127.0.0.1', port: 0 });
    served[name as keyof typeof served] = { close: () => drain(server), url: `http://127.0.0.1:${port}` };
  }
});
afterAll(async () => {
  await Promise.all(Object.values(served).map(({ close }) => close()));
  await api.close();
});

async function asked(mode: keyof typeof served, name: string) {
  const response = await fetch(`${served[mode].url}/${name}`);
  return { status: response.status, text: await response.text() };
}

describe('What a handler answers is held against its schema', () => {
  test('what fits is sent', async () => {
    expect(await asked('checked', 'right')).toEqual({ status: 200, text: JSON.stringify(ANSWERS.right) });
  });

  test.each([...Object.keys(ANSWERS).filter((name) => name !== 'right'), 'status'])(
    '%s: 500, and nothing of it is told',
    async (name) => {
      logged.mockClear();
      const { status, text } = await asked('checked', name);
      expect([status, ErrorBody.parse(JSON.parse(text)).error.code]).toEqual([500, 'INTERNAL']);
      expect(text).not.toMatch(/Rex|hunter2|legs|password|schema/);
      const message = expect.stringContaining(`get /${name} answers`);
      expect(logged).toHaveBeenCalledWith(
        { err: expect.objectContaining({ message }), path: `/${name}` },
        'request failed',
      );
    },
  );

  test('a live system sends what it has', async () => {
    expect(await asked('trusted', 'extra')).toEqual({ status: 200, text: JSON.stringify(ANSWERS.extra) });
  });
});

describe('What arrives at a test is held against its schema', () => {
  const HEALTH = { status: 'ok', service: 'mpanel-api' };
  const held = (status: number, body: unknown) => () => holdToPromise('GET', '/api/health?x=1', { status, body });

  test.each([
    ['an extra key', () => held(200, { ...HEALTH, else: 1 })],
    ['a missing key', () => held(200, { status: 'ok' })],
    ['a status that the route has not', () => held(202, HEALTH)],
    ['a refusal of another shape', () => held(404, { message: 'no' })],
    ['a refusal without a body', () => held(500, undefined)],
    ['a path that is none', () => () => holdToPromise('GET', '/api/nothing', { status: 200, body: {} })],
  ])('%s is seen', (_, asking) => {
    expect(asking()).toThrow('as nothing promises');
  });

  test('what is promised passes', async () => {
    const { status, body } = await api.anyone('GET', '/api/health');
    expect(held(status, body)).not.toThrow();
    expect(held(404, { error: { code: 'NOT_FOUND', message: 'no', details: {} } })).not.toThrow();
  });
});
