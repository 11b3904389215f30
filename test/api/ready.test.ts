import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApp } from '../../api/app.ts';
import { drain, listen } from '../../api/server.ts';
import { openDatabase } from '../../db/config.ts';
import { createLogger } from '../../runtime/logger.ts';
import { ADMIN, type Api, PERSON, startApi, stock } from './support.ts';

// Whether the API takes requests; test/api/process.test.ts has it as a process of its own.

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const json = { 'content-type': 'application/json' };
const person = (email: string) => ({ ...PERSON, email });

describe('beside the contract', () => {
  test('503 when the database is gone, and no word about it', async () => {
    const orm = await openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', pool: 2 });
    const { config, engine, seal } = api;
    const app = createApp({ orm, config, engine, seal, live: api.live, logger: createLogger('api', 'silent') });
    const { server, port } = await listen(app, { host: '127.0.0.1', port: 0 });
    const body = JSON.stringify({ email: 'a@b.test', password: 'x' });
    const answer = await fetch(`http://127.0.0.1:${port}/api/auth/login`, { method: 'POST', headers: json, body });
    expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
      503,
      'UNAVAILABLE',
    ]);
    await drain(server);
    await orm.close(true);
  });

  test('a stop finishes what runs and takes nothing new', async () => {
    const { orm, config, engine, seal } = api;
    const app = createApp({ orm, config, engine, seal, live: api.live, logger: createLogger('api', 'silent') });
    const { server, port } = await listen(app, { host: '127.0.0.1', port: 0 });
    const url = `http://127.0.0.1:${port}/api`;
    const entered = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    engine.delivery = async (): Promise<'sent'> => {
      entered.resolve();
      await held.promise;
      return 'sent';
    };
    const { tenantId, products } = await stock(api);
    const customer = (await api.admin('POST', '/api/customers', { body: person(`stop.${tenantId}@example.com`) })).body;
    const { token } = (await api.anyone('POST', '/api/auth/login', { body: ADMIN })).body;
    const order = fetch(`${url}/orders`, {
      method: 'POST',
      headers: { ...json, authorization: `Bearer ${token}` },
      body: JSON.stringify({
        customerId: customer.id,
        items: [{ productId: products.pod.id, billingCycle: 'monthly', quantity: 1 }],
      }),
    });
    await entered.promise;
    const drained = drain(server);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    held.resolve();
    expect((await order).status).toBe(201);
    await drained;
    engine.delivery = () => 'sent';
  });

  test('503 until the database is there', async () => {
    const { orm, config, engine, seal } = api;
    const readiness = { ready: false };
    const app = createApp(
      { orm, config, engine, seal, live: api.live, logger: createLogger('api', 'silent') },
      readiness,
    );
    const { server, port } = await listen(app, { host: '127.0.0.1', port: 0 });
    expect((await fetch(`http://127.0.0.1:${port}/api/health`)).status).toBe(503);
    readiness.ready = true;
    expect(await (await fetch(`http://127.0.0.1:${port}/api/health`)).json()).toEqual({
      status: 'ok',
      service: 'mpanel-api',
    });
    await drain(server);
  });
});
