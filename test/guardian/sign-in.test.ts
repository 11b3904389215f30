import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Deps } from '../../activities/deps.ts';
import { createActivities } from '../../activities/index.ts';
import { openDatabase } from '../../db/config.ts';
import { Job, SignInGuard } from '../../db/entities/index.ts';
import { jobInput } from '../../db/queries/jobs.ts';
import { newId } from '../../runtime/ids.ts';
import { runSaga } from '../../workflows/saga.ts';
import { sagas } from '../../workflows/sagas.ts';
import { codeOf } from '../api/authenticator.ts';
import { openIdBrowser } from '../api/sign-in.ts';
import { ADMIN, type Api, type Caller, customerLogin, startApi } from '../api/support.ts';
import { PlainHost } from '../laws/support/host.ts';
import { CLIENT, startOpenId } from '../support/openid.ts';
import { until } from '../support/until.ts';

// How people and programs come in, as Guardian sees it: all of it is done over HTTP.

const PASSWORD = 'a long enough password';
const DAYS = 30;
let api: Api;
let openId: Awaited<ReturnType<typeof startOpenId>>;
let orm: Awaited<ReturnType<typeof openDatabase>>;
let activities: ReturnType<typeof createActivities>;
beforeAll(async () => {
  openId = await startOpenId();
  api = await startApi({ OIDC_INTERNAL: openId.issuer, GUARDIAN_KEY_DAYS: String(DAYS) });
  orm = await openDatabase({ url: api.config.DATABASE_URL, pool: 4 });
  // Nothing outside is looked at: the tenant has nobody but its people and their keys.
  activities = createActivities({ em: () => orm.em.fork(), config: api.config } as unknown as Deps);
  await api.admin('POST', '/api/guardian/instance', { body: {} });
});
afterAll(async () => {
  await orm.close(true);
  await api.close();
  await openId.close();
});

/** What a workflow does about a job, as plain functions. */
async function done(id: string): Promise<void> {
  const job = jobInput(await api.orm.em.fork().findOneOrFail(Job, { id }));
  const host = new PlainHost(activities, activities, job);
  await host.begin();
  const outcome = await host.end(await runSaga(sagas.find(({ type }) => type === job.type)!, host));
  expect(outcome.outcome).toBe('completed');
}

interface Finding {
  id: string;
  kind: string;
  severity: string;
  subject: string;
  remedy: string | null;
  evidence: Record<string, unknown>;
}

/** What is open after a scan, by what it is about. */
async function found(check: 'second_factors' | 'api_keys' | 'sign_ins'): Promise<Map<string, Finding>> {
  const { body } = await api.admin('POST', '/api/guardian/scan');
  await done(body.job.id);
  const list = await api.admin('GET', `/api/guardian/findings?check=${check}&state=open&pageSize=100`);
  return new Map((list.body.items as Finding[]).map((finding) => [finding.subject, finding]));
}

async function person(roles: string[], more: object = {}) {
  const login = { email: `${newId()}@mpanel.test`, password: PASSWORD };
  const { status } = await api.admin('POST', '/api/users', { body: { ...login, name: 'P', roles, ...more } });
  expect(status).toBe(201);
  return { email: login.email, call: await api.signIn(login) };
}

async function switchOn(call: Caller): Promise<void> {
  const { body } = await call('POST', '/api/auth/second-factor', { body: { password: PASSWORD } });
  const code = codeOf(body.secret);
  expect((await call('POST', '/api/auth/second-factor/confirm', { body: { code } })).status).toBe(200);
}

describe('Logins without a second factor', () => {
  test('are found while they act for the house, and no more once they have one', async () => {
    const [admin, staff, armed] = [await person(['admin']), await person(['staff']), await person(['staff'])];
    const customer = await customerLogin(api);
    await switchOn(armed.call);
    const begun = await person(['staff']);
    await begun.call('POST', '/api/auth/second-factor', { body: { password: PASSWORD } });
    const open = await found('second_factors');
    expect(open.get(ADMIN.email)).toMatchObject({ kind: 'user_password_alone', severity: 'high', remedy: null });
    expect(open.get(admin.email)).toMatchObject({ severity: 'high' });
    expect(open.get(staff.email)).toMatchObject({ severity: 'medium', evidence: { roles: ['staff'] } });
    expect(open.get(begun.email)).toMatchObject({ severity: 'medium' });
    const { body: me } = await customer.call('GET', '/api/auth/me');
    expect([open.has(armed.email), open.has(me.email), open.size]).toEqual([false, false, 4]);
    await switchOn(staff.call);
    expect((await found('second_factors')).has(staff.email)).toBe(false);
  });

  test('are not those who come in by a provider alone', async () => {
    const rules = [{ value: 'admins', role: 'admin', permissions: [] }];
    const body = { ...CLIENT, name: 'House', issuer: openId.issuer, roleRules: rules };
    const { id } = (await api.admin('POST', '/api/oidc-connections', { body })).body;
    const path = `/api/auth/oidc/${id}`;
    openId.register(`http://127.0.0.1:${api.config.PORT}${path}/callback`, `${api.url}${path}/logout`);
    const email = 'by-provider@house.test';
    openId.state.account = { sub: newId(), email, email_verified: true, groups: ['admins'] };
    const { body: session } = await openIdBrowser(api, openId.issuer, id).signIn();
    expect(session.user).toMatchObject({ email, roles: ['admin'] });
    expect((await found('second_factors')).has(email)).toBe(false);
    // With a password of its own the provider can be left out.
    await api.admin('PUT', `/api/users/${session.user.id}`, { body: { password: PASSWORD } });
    expect((await found('second_factors')).get(email)).toMatchObject({ severity: 'high' });
  });
});

test('Wrong passwords are found once there are ten of them in a day', async () => {
  const { email } = await person(['staff']);
  const fail = async (times: number) => {
    for (let n = 0; n < times; n++) {
      // Its time is over: whoever guesses waits as long as the guard says.
      await api.orm.em.fork().nativeUpdate(SignInGuard, {}, { blockedUntil: null });
      const { status } = await api.anyone('POST', '/api/auth/login', { body: { email, password: 'a wrong guess' } });
      expect(status).toBe(401);
    }
  };
  await fail(9);
  expect((await found('sign_ins')).has(email)).toBe(false);
  await fail(1);
  expect((await found('sign_ins')).get(email)).toMatchObject({
    ...{ kind: 'sign_in_failures', severity: 'medium', evidence: { count: 10, addresses: ['127.0.0.1'] } },
  });
});

describe('API keys', () => {
  let owner: Awaited<ReturnType<typeof person>>;
  beforeAll(async () => {
    owner = await person(['admin']);
  });

  interface Key {
    id: string;
    secret: string;
    name: string;
  }
  async function key(more: object = {}): Promise<Key> {
    const name = newId();
    const { status, body } = await owner.call('POST', '/api/api-keys', { body: { name, scopes: ['*'], ...more } });
    expect(status).toBe(201);
    return { id: body.apiKey.id, secret: body.secret, name };
  }
  const use = async ({ secret }: Key) => (await api.withToken(secret)('GET', '/api/customers')).status;
  /** As many days later. */
  const age = ({ id }: Key, days: number) =>
    api.orm.em
      .fork()
      .execute(
        `update api_key set created_at = created_at - make_interval(days => ?), last_used_at = last_used_at - make_interval(days => ?) where id = ?`,
        [days, days, id],
      );

  test('are stale that nobody has used for so long, or ever; using one mends it', async () => {
    const [fresh, never, former, kept] = [await key(), await key(), await key(), await key()];
    expect([await use(former), await use(kept)]).toEqual([200, 200]);
    for (const old of [never, former, kept]) await age(old, DAYS);
    await age(fresh, DAYS - 1);
    expect(await use(kept)).toBe(200);
    const open = await found('api_keys');
    expect([...open.keys()].sort()).toEqual([never.name, former.name].sort());
    const about = { kind: 'api_key_unused', severity: 'medium', remedy: 'revoke_key' };
    expect(open.get(never.name)).toMatchObject({ ...about, evidence: { lastUsedAt: null, scopes: ['*'] } });
    expect(open.get(former.name)).toMatchObject({ ...about, evidence: { lastUsedAt: expect.any(String) } });
    expect(JSON.stringify([...open.values()])).not.toContain(never.secret);
    expect(await use(never)).toBe(200);
    expect([...(await found('api_keys')).keys()]).toEqual([former.name]);
    expect((await owner.call('DELETE', `/api/api-keys/${former.id}`)).status).toBe(204);
    expect((await found('api_keys')).size).toBe(0);
  });

  test('are stale that are over, and not before', async () => {
    const later = await key({ expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    const soon = await key({ expiresAt: new Date(Date.now() + 400).toISOString() });
    await until('its end', async () => (await use(soon)) === 401);
    const open = await found('api_keys');
    expect(open.get(soon.name)).toMatchObject({ kind: 'api_key_expired', severity: 'low', remedy: 'revoke_key' });
    expect(open.has(later.name)).toBe(false);
  });

  describe('revoked', () => {
    /** Found, asked for, and approved by two people; answers the remediation's id, once its job is done. */
    async function revoke({ name }: Key, once: { found?(): unknown; requested?(): unknown } = {}): Promise<string> {
      const finding = (await found('api_keys')).get(name);
      await once.found?.();
      const path = '/api/guardian/remediations';
      const { body } = await owner.call('POST', `${path}/request`, { body: { findingId: finding?.id } });
      expect(body.plan).toEqual({ remedy: 'revoke_key', apiKeyId: expect.any(String) });
      await once.requested?.();
      const first = await owner.call('POST', `${path}/${body.id}/approve-tenant`);
      expect([first.status, first.body.job]).toEqual([202, null]);
      const second = await api.admin('POST', `${path}/${body.id}/approve-platform`);
      await done(second.body.job.id);
      return body.id;
    }
    const read = async (id: string) => {
      const { items } = (await api.admin('GET', '/api/guardian/remediations?pageSize=100')).body;
      return (items as { id: string; status: string; detail: string | null; findingId: string }[]).find(
        (row) => row.id === id,
      );
    };

    test('works no more, the finding is gone, and the audit log says why', async () => {
      const stale = await key();
      await age(stale, DAYS);
      const remediation = await read(await revoke(stale));
      expect(remediation).toMatchObject({ status: 'verified', detail: null });
      expect(await use(stale)).toBe(401);
      const findings = (await api.admin('GET', `/api/guardian/findings?resourceId=${stale.id}`)).body.items;
      expect(findings).toMatchObject([{ id: remediation?.findingId, state: 'resolved' }]);
      const { body } = await api.admin('GET', `/api/audit?type=api_key.revoked`);
      expect(body.items).toMatchObject([
        { resourceId: stale.id, metadata: { name: stale.name, remediationId: remediation?.id } },
      ]);
      expect((await found('api_keys')).has(stale.name)).toBe(false);
    });

    test.each(['found', 'requested'])('is none that was used after all, once it was %s', async (when) => {
      const stale = await key();
      await age(stale, DAYS);
      const id = await revoke(stale, { [when]: () => use(stale) });
      expect(await read(id)).toMatchObject({ status: 'failed', detail: 'the key was used after this was found' });
      expect(await use(stale)).toBe(200);
    });

    test('may be one that was used before it was found', async () => {
      const stale = await key();
      expect(await use(stale)).toBe(200);
      await age(stale, DAYS);
      expect(await read(await revoke(stale))).toMatchObject({ status: 'verified' });
      expect(await use(stale)).toBe(401);
    });
  });
});
