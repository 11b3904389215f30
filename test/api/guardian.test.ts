import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GuardianFinding, GuardianScan, Job, Tenant } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { portFinding } from './findings.ts';
import { type Api, type Caller, customerLogin, startApi, stock } from './support.ts';

// GET /guardian/summary, /guardian/findings and /guardian/audit-events show what others write.

let api: Api;
let tenantId: string;
let customer: Caller;
let staff: Caller;
beforeAll(async () => {
  api = await startApi();
  ({ tenantId } = await stock(api));
  customer = (await customerLogin(api)).call;
  const login = { email: 'watch@mpanel.test', password: 'a long enough password' };
  const permissions = ['guardian.read'];
  await api.admin('POST', '/api/users', { body: { ...login, name: 'W', roles: ['staff'], permissions } });
  staff = await api.signIn(login);
});
afterAll(() => api.close());

const em = () => api.orm.em.fork();
const get = async (path: string, caller: Caller = api.admin) => (await caller('GET', `/api/guardian${path}`)).body;
const post = (path: string, body?: object, caller: Caller = api.admin) =>
  caller('POST', `/api/guardian${path}`, body ? { body } : {});

describe('before there is one', () => {
  test('it is 404, the summary says so, and nothing is scanned', async () => {
    expect((await api.admin('GET', '/api/guardian/instance')).status).toBe(404);
    expect(await get('/summary')).toEqual({
      instance: null,
      open: { total: 0, low: 0, medium: 0, high: 0, critical: 0 },
      lastScan: null,
      remediations: { requested: 0, approved: 0, applied: 0 },
    });
    expect((await post('/scan')).body.error.code).toBe('WRONG_STATE');
  });
});

describe('the instance', () => {
  test('is made once, for all who ask at once, and changed after that', async () => {
    const made = await Promise.all([1, 2, 3].map(() => post('/instance', {})));
    expect(made.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
    const changed = await post('/instance', { allowedPorts: [443, 22, 443], enabled: false });
    expect([changed.status, changed.body]).toMatchObject([200, { allowedPorts: [22, 443], enabled: false }]);
    expect(await get('/instance')).toEqual(changed.body);
    expect((await get('/summary')).instance).toEqual(changed.body);
  });

  test.each([{ allowedPorts: [0] }, { allowedPorts: [65_536] }, { ports: [] }])('%j is refused', async (body) => {
    expect((await post('/instance', body)).status).toBe(422);
  });
});

describe('a scan', () => {
  test('is one at a time, a job that can be followed', async () => {
    const asked = await Promise.all([1, 2, 3].map(() => post('/scan')));
    expect(asked.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
    const { scan, job } = asked.find(({ status }) => status === 202)!.body;
    expect(scan).toMatchObject({ jobId: job.id, status: 'pending', endedAt: null });
    expect((await api.admin('GET', `/api/jobs/${job.id}`)).body).toMatchObject({
      type: 'guardian_scan',
      targetId: scan.id,
    });
    expect(await get('/scans?status=pending')).toMatchObject({ total: 1, items: [scan] });
    expect((await get('/summary')).lastScan).toEqual(scan);
    await em().nativeUpdate(GuardianScan, { id: scan.id }, { status: 'completed' });
    await em().nativeUpdate(Job, { id: job.id }, { status: 'completed' });
    const headers = { 'idempotency-key': 'scan-once' };
    const send = () => api.admin('POST', '/api/guardian/scan', { headers });
    const answers = [await send(), await send()];
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(answers[1]?.text).toBe(answers[0]?.text);
    expect((await post('/scan')).body.error.code).toBe('JOB_RUNNING');
  });
});

describe('findings', () => {
  beforeAll(async () => {
    const row = (
      kind: 'tls_old_protocol' | 'certificate_untrusted',
      severity: 'medium' | 'high',
      state: 'open' | 'resolved',
    ) => {
      const resourceId = newId();
      return {
        ...{
          id: newId(),
          tenantId,
          check: 'certificates' as const,
          kind,
          severity,
          state,
          resourceId,
          scanId: newId(),
        },
        ...{
          fingerprint: `${kind}/${resourceId}`,
          resourceType: 'certificate',
          subject: 'a.example',
          text: 'x',
          evidence: {},
        },
      };
    };
    const rows = [
      row('tls_old_protocol', 'medium', 'open'),
      row('certificate_untrusted', 'high', 'open'),
      row('certificate_untrusted', 'high', 'resolved'),
    ];
    await em().insertMany(GuardianFinding, rows);
  });

  test('are listed with what can be done about them, and filtered', async () => {
    const all = await get('/findings');
    expect(all.total).toBe(3);
    expect(await get('/findings?state=open&severity=high')).toMatchObject({
      total: 1,
      items: [{ kind: 'certificate_untrusted', remedy: 'renew_certificate', subject: 'a.example', resolvedAt: null }],
    });
    expect(await get(`/findings?resourceId=${all.items[0].resourceId}`)).toMatchObject({ total: 1 });
    expect((await get('/summary')).open).toEqual({ total: 2, low: 0, medium: 1, high: 1, critical: 0 });
  });
});

describe('a remediation', () => {
  let tenantAdmin: Caller;
  let platformAdmin: Caller;
  let both: Caller;
  let foreign: Caller;
  beforeAll(async () => {
    const admin = async (email: string, roles: string[], headers: Record<string, string> = {}) => {
      const login = { email, password: 'a long enough password' };
      await api.admin('POST', '/api/users', { body: { ...login, name: 'A', roles }, headers });
      return api.signIn(login);
    };
    tenantAdmin = await admin('tenant@mpanel.test', ['admin']);
    both = await admin('both@mpanel.test', ['platform_admin', 'admin']);
    const other = em().create(Tenant, { id: newId(), name: 'Elsewhere' });
    await em().persist(other).flush();
    platformAdmin = await admin('platform@other.test', ['platform_admin'], { 'x-tenant-id': other.id });
    foreign = await admin('foreign@other.test', ['admin'], { 'x-tenant-id': other.id });
  });

  const request = async (): Promise<string> => {
    const { body } = await post('/remediations/request', { findingId: await portFinding(em(), tenantId) }, tenantAdmin);
    return body.id;
  };
  /** A platform administrator acts in the tenant. */
  const act = (caller: Caller, id: string, side: string) =>
    caller('POST', `/api/guardian/remediations/${id}/approve-${side}`, {
      headers: caller === platformAdmin ? { 'x-tenant-id': tenantId } : {},
    });
  const statuses = async (...answers: Promise<{ status: number }>[]) =>
    (await Promise.all(answers)).map(({ status }) => status);
  const jobsOf = (id: string) => em().count(Job, { targetId: id });

  test('says what will be done; one at a time for a finding', async () => {
    const findingId = await portFinding(em(), tenantId);
    const asked = await Promise.all([1, 2, 3].map(() => post('/remediations/request', { findingId })));
    expect(asked.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const { body } = asked.find(({ status }) => status === 201)!;
    expect(body).toMatchObject({
      ...{ findingId, status: 'requested', tenantApproval: null, platformApproval: null, jobId: null },
      plan: { remedy: 'close_port', port: 6379 },
    });
    expect(await get(`/remediations?findingId=${findingId}`)).toMatchObject({ total: 1, items: [body] });
  });

  test('is refused for what cannot be mended, is gone or is not theirs', async () => {
    const of = async (query: string) => (await get(`/findings?${query}`)).items[0].id;
    const asked = async (findingId: string, caller = tenantAdmin) =>
      (await post('/remediations/request', { findingId }, caller)).status;
    expect(await asked(await of('severity=medium&state=open'))).toBe(409);
    expect(await asked(await of('state=resolved'))).toBe(409);
    expect(await asked(newId())).toBe(422);
    expect(await asked(await portFinding(em(), tenantId), foreign)).toBe(422);
  });

  test.each([
    ['the tenant first', ['tenant', 'platform']],
    ['the platform first', ['platform', 'tenant']],
  ])('waits for both, %s', async (_, order) => {
    const id = await request();
    const by = (side: string) => (side === 'tenant' ? tenantAdmin : platformAdmin);
    const [one = '', two = ''] = order;
    const first = await act(by(one), id, one);
    expect([first.status, first.body]).toMatchObject([
      202,
      { remediation: { status: 'requested', jobId: null }, job: null },
    ]);
    expect(await statuses(act(by(one), id, one))).toEqual([409]);
    expect(await jobsOf(id)).toBe(0);
    const second = await act(by(two), id, two);
    const { job, remediation } = second.body;
    expect(remediation).toMatchObject({ status: 'approved', jobId: job.id });
    expect(remediation.tenantApproval.userId).not.toBe(remediation.platformApproval.userId);
    expect((await api.admin('GET', `/api/jobs/${job.id}`)).body).toMatchObject({
      type: 'guardian_remediate',
      targetId: id,
    });
    expect(await statuses(act(by(one), id, one), act(by(two), id, two))).toEqual([409, 409]);
    expect(await jobsOf(id)).toBe(1);
  });

  test('takes two people, whatever one of them may do', async () => {
    const id = await request();
    expect(await statuses(act(both, id, 'tenant'))).toEqual([202]);
    const again = await act(both, id, 'platform');
    expect([again.status, again.body.error.message]).toEqual([409, expect.stringContaining('another person')]);
    expect(await jobsOf(id)).toBe(0);
    await expect(
      em().execute('update guardian_remediation set platform_approved_by = tenant_approved_by where id = ?', [id]),
    ).rejects.toThrow('two_people');
  });

  test('takes somebody of the tenant, and somebody of the platform', async () => {
    const id = await request();
    expect(await statuses(act(platformAdmin, id, 'tenant'), act(tenantAdmin, id, 'platform'))).toEqual([403, 403]);
    expect(await statuses(act(staff, id, 'tenant'), act(staff, id, 'platform'), act(customer, id, 'tenant'))).toEqual([
      403, 403, 404,
    ]);
    expect(await statuses(act(foreign, id, 'tenant'), act(foreign, id, 'platform'))).toEqual([404, 404]);
  });

  test('is approved by nobody’s key: not beside its owner, nor in their place', async () => {
    const id = await request();
    const keyOf = async (owner: Caller, ...scopes: string[]) =>
      api.withToken((await owner('POST', '/api/api-keys', { body: { name: 'k', scopes } })).body.secret);
    const [tenantKey, platformKey] = [
      await keyOf(tenantAdmin, 'guardian.read', 'guardian.approve'),
      await keyOf(both, '*', 'guardian.approve_platform'),
    ];
    const byKeys = [act(tenantKey, id, 'tenant'), act(platformKey, id, 'tenant'), act(platformKey, id, 'platform')];
    expect(await statuses(...byKeys)).toEqual([403, 403, 403]);
    expect(await statuses(act(both, id, 'tenant'), act(platformKey, id, 'platform'))).toEqual([202, 403]);
    const [row] = (await get(`/remediations?pageSize=100`)).items.filter((one: { id: string }) => one.id === id);
    expect(row).toMatchObject({ status: 'requested', platformApproval: null, jobId: null });
  });

  test('is set going once, however many approve it at once', async () => {
    const id = await request();
    const rush = [1, 2, 3, 4].flatMap(() => [
      act(tenantAdmin, id, 'tenant'),
      act(platformAdmin, id, 'platform'),
      act(both, id, 'platform'),
    ]);
    const answers = await statuses(...rush);
    expect(answers.filter((status) => status === 202)).toHaveLength(2);
    expect(answers.filter((status) => status === 409)).toHaveLength(10);
    expect(await jobsOf(id)).toBe(1);
    expect((await get('/summary')).remediations.approved).toBeGreaterThan(0);
  });
});

test('its audit events are a list of their own, of nothing else', async () => {
  const { items, total } = await get('/audit-events?pageSize=200');
  const actions = items.map(({ action }: { action: string }) => action);
  expect(new Set(actions)).toEqual(
    new Set([
      ...['guardian_scan.requested', 'guardian_instance.changed', 'guardian_instance.created'],
      ...['requested', 'approved_by_tenant', 'approved_by_platform'].map((verb) => `guardian_remediation.${verb}`),
    ]),
  );
  expect(total).toBeLessThan((await api.admin('GET', '/api/audit')).body.total);
});

test('customers know of none of it; staff may what they are given', async () => {
  for (const path of ['/summary', '/instance', '/scans', '/findings', '/remediations', '/audit-events'])
    expect([
      (await customer('GET', `/api/guardian${path}`)).status,
      (await staff('GET', `/api/guardian${path}`)).status,
    ]).toEqual([404, 200]);
  expect([(await post('/scan', undefined, customer)).status, (await post('/instance', {}, customer)).status]).toEqual([
    404, 404,
  ]);
  expect([(await post('/scan', undefined, staff)).status, (await post('/instance', {}, staff)).status]).toEqual([
    403, 403,
  ]);
});
