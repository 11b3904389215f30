import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import { examplesOf, opensPages } from '../api/examples.ts';
import { type Api, PERSON, startApi, stock } from '../api/support.ts';

// A request that holds a connection and waits for another: as many of them at once as there are connections wait for
// each other for ever. Twelve approvals of one remediation did. With one connection, one such request is enough.

let api: Api;
let exampleOf: ReturnType<typeof examplesOf>;
beforeAll(async () => {
  api = await startApi({ UNPAID_ORDERS_MAX: '1000', PAYMENT_WINDOW_SECONDS: '86400' }, 1);
  const shop = await stock(api, 60);
  const { body: customer } = await api.admin('POST', '/api/customers', { body: PERSON });
  opensPages(api);
  exampleOf = examplesOf(api, shop, customer.id);
});
afterAll(() => api.close());

// Signing out would end the session that all of this is asked in.
const changing = mpanelRoutes.filter(
  ({ method, path, permission }) => method !== 'get' && permission !== 'public' && path !== '/auth/logout',
);

test.each(changing.map(({ method, path }) => [method.toUpperCase(), path]))(
  '%s %s needs one connection at a time',
  async (method, path) => {
    const { path: asked, body, as } = await exampleOf(method, path);
    const answer = await (as?.call ?? api.admin)(method, `/api${asked}`, body ? { body } : {});
    expect(answer.status).toBeLessThan(400);
  },
  30_000,
);
