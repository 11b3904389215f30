import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AuditEvent } from '../../db/entities/index.ts';
import { type Answer, type Api, PERSON, startApi } from './support.ts';

const PROXY = { TRUST_PROXY: '127.0.0.1', PUBLIC_URL: 'https://panel.example' };
const CLIENTS = ['203.0.113.7', '203.0.113.8'];

describe.each([
  ['one that is trusted: each client has its own address', PROXY, CLIENTS],
  ['none that is trusted: nobody can choose an address', {}, ['127.0.0.1', '127.0.0.1']],
] as const)('behind a reverse proxy, %s', (_, env, addresses) => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi({ ...env, RATE_LIMIT_ADDRESS: '20' });
  });
  afterAll(() => api.close());

  const through = (client: string, method: string, path: string, body?: object): Promise<Answer> =>
    api.admin(method, path, { ...(body ? { body } : {}), headers: { 'x-forwarded-for': client } });

  test('the audit log says from where somebody came', async () => {
    for (const client of CLIENTS)
      await through(client, 'POST', '/api/customers', { ...PERSON, email: `${client}@example.com` });
    const events = await api.orm.em
      .fork()
      .find(AuditEvent, { action: 'customer.created' }, { orderBy: { createdAt: 'asc' } });
    expect(events.map(({ address }) => address)).toEqual(addresses);
  });

  test('requests are counted by address', async () => {
    const left = async (client: string) =>
      Number((await through(client, 'GET', '/api/tenants')).headers.get('ratelimit-remaining'));
    const [one, other] = [await left(CLIENTS[0]!), await left(CLIENTS[1]!)];
    expect(other).toBe(addresses[0] === addresses[1] ? one - 1 : one);
  });

  test('the API tells where it is reached', async () => {
    const { body } = await api.anyone('GET', '/openapi.json');
    const url = 'PUBLIC_URL' in env ? env.PUBLIC_URL : `http://${api.config.HOST}:${api.config.PORT}`;
    expect(body.servers).toEqual([{ url }]);
  });
});
