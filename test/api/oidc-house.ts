import assert from 'node:assert/strict';
import { newId } from '../../runtime/ids.ts';
import { type Account, CLIENT, startOpenId } from '../support/openid.ts';
import { openIdBrowser } from './sign-in.ts';
import { startApi } from './support.ts';

/** A provider that does not answer. */
export const SILENT = 'http://127.0.0.1:9';
export const RULES = [
  { value: 'admins', role: 'admin', permissions: [] },
  { value: 'desk', role: 'staff', permissions: ['customers.read'] },
  { value: 'clients', role: 'customer', permissions: [] },
];

/** The API with a connection to a provider, and a browser that goes all of the way: start, callback and finish. */
export async function openHouse(env: Record<string, string> = {}) {
  const openId = await startOpenId();
  const api = await startApi({ OIDC_INTERNAL: `${openId.issuer},${SILENT}`, ...env });
  const body = { ...CLIENT, name: 'House', issuer: openId.issuer, roleRules: RULES, domains: ['house.test'] };
  const made = await api.admin('POST', '/api/oidc-connections', { body });
  assert.equal(made.status, 201);
  const connection: string = made.body.id;
  const browser = openIdBrowser(api, openId.issuer, connection);
  const path = `/api/auth/oidc/${connection}`;
  openId.register(`http://127.0.0.1:${api.config.PORT}${path}/callback`, `${api.url}${path}/logout`);

  return {
    api,
    openId,
    connection,
    ...browser,
    async refusedAt(there: { cookie: string; query: string }) {
      const { status, text } = await browser.comeBack(there);
      assert.deepEqual([status, JSON.parse(text).error.code], [403, 'SIGN_IN_REFUSED']);
    },
    /** Somebody of the desk who was never here is at the browser now. */
    newcomer(): Account {
      const sub = newId();
      const account = { sub, email: `${sub}@house.test`, email_verified: true, groups: ['desk'] };
      openId.state.account = account;
      return account;
    },
    async close() {
      await openId.close();
      await api.close();
    },
  };
}
export type House = Awaited<ReturnType<typeof openHouse>>;
