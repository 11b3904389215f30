import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AuditEvent, Job, JobStep, Outbox } from '../../db/entities/index.ts';
import { createJob, jobInput } from '../../db/queries/jobs.ts';
import { enqueueSignal, enqueueStart } from '../../db/queries/outbox.ts';
import { asTenant } from '../../db/tenant-scope.ts';
import { newId } from '../../runtime/ids.ts';
import { type Estate, estate } from './estate.ts';
import { type Api, type Caller, customerLogin, PERSON, startApi, stock } from './support.ts';

let api: Api;
let shop: Awaited<ReturnType<typeof stock>>;
let customerId: string;
let owner: Caller;
let stranger: Caller;
let own: Estate;

beforeAll(async () => {
  api = await startApi();
  shop = await stock(api);
  const first = await customerLogin(api);
  customerId = first.customer.id;
  owner = first.call;
  stranger = (await customerLogin(api, { ...PERSON, email: 'stranger@example.com' })).call;
});
beforeEach(async () => {
  own = await estate(api, { ...shop, customerId });
});
afterAll(() => api.close());

const db = () => api.orm.em.fork();

describe('Jobs', () => {
  async function blocked() {
    const em = db();
    const { tenantId } = shop;
    const parent = createJob(em, { type: 'order_fulfil', tenantId, targetId: newId(), customerId });
    const child = createJob(em, {
      type: 'cloudpod_provision',
      tenantId,
      targetId: own.pod,
      customerId,
      parentJobId: parent.id,
    });
    Object.assign(parent, { status: 'running' });
    Object.assign(child, { status: 'blocked', step: 'clone', reason: 'no such template' });
    await em.flush();
    em.create(JobStep, {
      jobId: child.id,
      name: 'clone',
      position: 0,
      status: 'blocked',
      attempt: 6,
      error: 'no such template',
    });
    await em.flush();
    return { parent, child };
  }

  test('200 with steps, of the customer too', async () => {
    const { parent, child } = await blocked();
    const { body } = await owner('GET', `/api/jobs/${child.id}`);
    expect(body).toMatchObject({ status: 'blocked', step: 'clone', parentJobId: parent.id });
    expect(body.steps).toEqual([
      { name: 'clone', status: 'blocked', attempt: 6, error: 'no such template', startedAt: null, endedAt: null },
    ]);
    expect((await owner('GET', `/api/jobs?targetId=${own.pod}&status=blocked`)).body.total).toBe(1);
    expect((await stranger('GET', `/api/jobs/${child.id}`)).status).toBe(404);
  });

  test.each([
    ['retry', undefined],
    ['skip', { reason: 'done by hand' }],
    ['give-up', { reason: 'cannot be had' }],
  ])('202 %s tells the blocked step, audited', async (kind, body) => {
    const { child } = await blocked();
    const { status } = await api.admin('POST', `/api/jobs/${child.id}/${kind}`, body ? { body } : {});
    expect(status).toBe(202);
    const parcel = api.engine.parcels.at(-1);
    expect(parcel).toMatchObject({ kind: 'signal', name: 'decide', workflowId: child.workflowId, args: [{ kind }] });
    const [{ eventId }] = (parcel?.args ?? []) as [{ eventId: string }];
    expect(await db().findOneOrFail(AuditEvent, { id: eventId })).toMatchObject({ resourceId: child.id });
  });

  test('202 retry of a parent goes to every blocked child', async () => {
    const { parent, child } = await blocked();
    expect((await api.admin('POST', `/api/jobs/${parent.id}/retry`)).status).toBe(202);
    expect(api.engine.parcels.at(-1)).toMatchObject({ workflowId: child.workflowId, args: [{ kind: 'retry' }] });
  });

  test('202 of two blocked steps each is decided about by itself', async () => {
    const { child } = await blocked();
    await db().insert(JobStep, { jobId: child.id, name: 'start', position: 1, status: 'blocked' });
    const told = () => api.engine.parcels.map(({ args }) => (args as { step: string }[])[0]?.step);
    const before = told().length;
    expect((await api.admin('POST', `/api/jobs/${child.id}/retry?step=start`)).status).toBe(202);
    expect(told().slice(before)).toEqual(['start']);
    expect((await api.admin('POST', `/api/jobs/${child.id}/retry`)).status).toBe(202);
    expect(
      told()
        .slice(before + 1)
        .sort(),
    ).toEqual(['clone', 'start']);
    const { status, body } = await api.admin('POST', `/api/jobs/${child.id}/retry?step=configure`);
    expect([status, body.error.code]).toEqual([409, 'NOTHING_BLOCKED']);
  });

  test('409 what the step does not allow, said to nobody', async () => {
    const { parent, child } = await blocked();
    await db().nativeUpdate(JobStep, { jobId: child.id, name: 'clone' }, { decisions: ['retry', 'skip'] });
    const before = api.engine.parcels.length;
    for (const { id } of [parent, child]) {
      const { status, body } = await api.admin('POST', `/api/jobs/${id}/give-up`, { body: { reason: 'no' } });
      expect([status, body.error.code]).toEqual([409, 'CANNOT_DECIDE']);
    }
    expect(api.engine.parcels).toHaveLength(before);
  });

  describe('whose run is gone', () => {
    beforeEach(() => {
      api.engine.state = { state: 'ended', status: 'terminated' };
    });
    afterEach(() => {
      Object.assign(api.engine, { state: { state: 'open' }, down: false });
    });

    test('202 retry begins it anew, audited, and has it look at payments', async () => {
      const { parent, child } = await blocked();
      await db().nativeUpdate(Job, { id: child.id }, { status: 'running' });
      const before = api.engine.parcels.length;
      expect((await api.admin('POST', `/api/jobs/${parent.id}/retry`)).status).toBe(202);
      const { workflowId } = parent;
      expect(api.engine.parcels.slice(before)).toMatchObject([
        { workflowId, kind: 'start', name: 'order_fulfil', anew: true, args: [{ jobId: parent.id }] },
        { workflowId, kind: 'signal', name: 'payment' },
      ]);
      expect(await db().findOneOrFail(AuditEvent, { resourceId: parent.id })).toMatchObject({
        action: 'job.begun_anew',
      });
    });

    test('202 retry of an order that was called off calls it off once more', async () => {
      const { parent, child } = await blocked();
      await db().nativeUpdate(Job, { id: child.id }, { status: 'running' });
      const { workflowId } = parent;
      const em = db();
      await asTenant(shop.tenantId, () => enqueueSignal(em, workflowId, 'cancel', newId(), []));
      await em.flush();
      for (const _ of ['once', 'and again']) {
        const before = api.engine.parcels.length;
        expect((await api.admin('POST', `/api/jobs/${parent.id}/retry`)).status).toBe(202);
        const said = api.engine.parcels.slice(before).map(({ name }) => name);
        expect(said).toEqual(['order_fulfil', 'payment', 'cancel']);
      }
    });

    test('retry of what its parent looks after leaves that to the parent, while it goes on', async () => {
      const { parent, child } = await blocked();
      const starts = () => api.engine.parcels.filter(({ kind }) => kind === 'start').length;
      const before = starts();
      expect((await api.admin('POST', `/api/jobs/${child.id}/retry`)).status).toBe(202);
      expect(starts()).toBe(before);
      await db().nativeUpdate(Job, { id: parent.id }, { status: 'completed' });
      expect((await api.admin('POST', `/api/jobs/${child.id}/retry`)).status).toBe(202);
      expect(starts()).toBe(before + 1);
    });

    test('202 retry begins a child that was started by itself, by a sweep for all tenants too', async () => {
      const { child } = await blocked();
      await db().nativeUpdate(Job, { id: child.id }, { status: 'running' });
      const path = `/api/jobs/${child.id}/retry`;
      expect((await api.admin('POST', path)).status).toBe(409);
      const em = db();
      const row = enqueueStart(em, jobInput(child));
      await em.flush();
      expect(await db().findOneOrFail(Outbox, { id: row })).toMatchObject({ tenantId: null });
      expect((await api.admin('POST', path)).status).toBe(202);
      expect(api.engine.parcels.at(-1)).toMatchObject({ kind: 'start', workflowId: child.workflowId, anew: true });
    });

    test('409 for one that is over, and while Temporal does not say that its run is gone', async () => {
      const { parent, child } = await blocked();
      await db().nativeUpdate(Job, { id: child.id }, { status: 'completed' });
      api.engine.down = true;
      expect((await api.admin('POST', `/api/jobs/${parent.id}/retry`)).status).toBe(409);
      api.engine.down = false;
      await db().nativeUpdate(Job, { id: parent.id }, { status: 'completed' });
      expect((await api.admin('POST', `/api/jobs/${parent.id}/retry`)).status).toBe(409);
    });
  });

  test('409 for one that ends while Temporal is asked for its run', async () => {
    const { parent, child } = await blocked();
    await db().nativeUpdate(Job, { id: child.id }, { status: 'completed' });
    const asked = jest.spyOn(api.engine, 'run').mockImplementationOnce(async () => {
      await db().nativeUpdate(Job, { id: parent.id }, { status: 'completed' });
      return { state: 'ended', status: 'completed' };
    });
    expect((await api.admin('POST', `/api/jobs/${parent.id}/retry`)).status).toBe(409);
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
  });

  test('409 where nothing is blocked, 403 for the customer, 422 without a reason', async () => {
    const { parent, child } = await blocked();
    expect((await api.admin('POST', `/api/jobs/${child.id}/skip`, { body: {} })).status).toBe(422);
    expect((await owner('POST', `/api/jobs/${child.id}/retry`)).status).toBe(403);
    await db().nativeUpdate(Job, { id: child.id }, { status: 'running' });
    const { status, body } = await api.admin('POST', `/api/jobs/${parent.id}/retry`);
    expect([status, body.error.code]).toEqual([409, 'NOTHING_BLOCKED']);
  });
});
