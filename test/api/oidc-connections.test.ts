import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { OidcConnection, OidcIdentity, Secret } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { CLIENT } from '../support/openid.ts';
import { type House, openHouse, RULES, SILENT } from './oidc-house.ts';
import { manual } from './sign-in.ts';
import type { Api } from './support.ts';

let house: House;
let api: Api;
beforeAll(async () => {
  house = await openHouse();
  api = house.api;
});
afterAll(() => house.close());
beforeEach(() => void house.newcomer());

describe('Connections', () => {
  const wish = { ...CLIENT, name: 'N', issuer: 'https://id.example.com', roleRules: RULES };
  const make = (call: Api['admin'], fields: object = {}) =>
    call('POST', '/api/oidc-connections', { body: { ...wish, ...fields } });

  test('403 for staff, who could let themselves in as anybody; 422 without TLS, and for unknown permissions', async () => {
    const login = { email: `${newId()}@mpanel.test`, password: 'a long password' };
    const permissions = ['users.read', 'users.write'];
    await api.admin('POST', '/api/users', { body: { ...login, name: 'S', roles: ['staff'], permissions } });
    expect((await make(await api.signIn(login))).status).toBe(403);
    expect((await make(api.admin, { issuer: 'http://id.example.com' })).status).toBe(422);
    const flying = [{ value: 'x', role: 'staff', permissions: ['customers.fly'] }];
    expect((await make(api.admin, { roleRules: flying })).status).toBe(422);
  });

  test('deleted, its sessions end and nobody comes in by it', async () => {
    const { body } = await make(api.admin);
    expect((await api.admin('GET', '/api/oidc-connections')).text).not.toContain(CLIENT.clientSecret);
    expect((await api.admin('DELETE', `/api/oidc-connections/${body.id}`)).status).toBe(204);
    expect((await manual(`${api.url}/api/auth/oidc/${body.id}/start`)).status).toBe(404);
  });

  test('changed, its sessions end, and the secret that it had is gone', async () => {
    const { body } = await house.signIn();
    const em = api.orm.em.fork();
    const before = await em.findOneOrFail(OidcConnection, { id: house.connection });
    const changes = { name: 'Renamed', clientSecret: CLIENT.clientSecret };
    const answer = await api.admin('PUT', `/api/oidc-connections/${house.connection}`, { body: changes });
    expect([answer.status, answer.body.name, answer.body.domains]).toEqual([200, 'Renamed', ['house.test']]);
    expect((await api.withToken(body.token)('GET', '/api/auth/me')).status).toBe(401);
    expect(await em.count(Secret, { id: before.secretId })).toBe(0);
    expect((await house.signIn()).body.user.id).toBe(body.user.id);
  });

  test('of another issuer, its subjects are other people', async () => {
    const { body } = await make(api.admin);
    const em = api.orm.em.fork();
    const { id: userId } = (await house.signIn()).body.user;
    em.create(OidcIdentity, { connectionId: body.id, subject: 'one', userId, createdAt: new Date() });
    await em.flush();
    const path = `/api/oidc-connections/${body.id}`;
    await api.admin('PUT', path, { body: { issuer: wish.issuer } });
    expect(await em.count(OidcIdentity, { connectionId: body.id })).toBe(1);
    await api.admin('PUT', path, { body: { issuer: 'https://other.example.com' } });
    expect(await em.count(OidcIdentity, { connectionId: body.id })).toBe(0);
  });

  test('502 for a provider that does not answer', async () => {
    const { body } = await make(api.admin, { issuer: SILENT });
    expect((await manual(`${api.url}/api/auth/oidc/${body.id}/start`)).status).toBe(502);
  });
});
