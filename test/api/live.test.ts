import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Job, StreamTicket, Tenant, User } from '../../db/entities/index.ts';
import { createJob } from '../../db/queries/jobs.ts';
import { beginStep, markStep, projectJobRow } from '../../db/queries/projection.ts';
import { sql } from '../../db/queries/rows.ts';
import { newId } from '../../runtime/ids.ts';
import { openEvents, type ServerEvent } from '../support/events.ts';
import { until } from '../support/until.ts';
import { ADMIN, type Api, startApi } from './support.ts';

let api: Api;
let tenantId: string;
let token: string;
beforeAll(async () => {
  api = await startApi({ STREAM_HEARTBEAT_SECONDS: '1' });
  tenantId = (await api.orm.em.fork().findOneOrFail(Tenant, { name: 'mpanel' })).id;
  token = await tokenOf(ADMIN);
});
afterAll(() => api.close());

async function tokenOf(login: { email: string; password: string }): Promise<string> {
  return (await api.anyone('POST', '/api/auth/login', { body: login })).body.token as string;
}

const em = () => api.orm.em.fork();
const bearer = (of = token) => ({ authorization: `Bearer ${of}` });
const url = (path: string, base = api.url) => `${base}/api${path}`;
const ids = (events: ServerEvent[]) => events.map(({ id }) => Number(id));
const names = (events: ServerEvent[]) =>
  events.map(({ event, data }) => {
    const { name, status } = data as { name?: string; status?: string };
    return [event, name, status].filter(Boolean).join(' ');
  });

/** A job as the API leaves it. */
async function jobOf({ orm }: Api, of: { orderId?: string; parentJobId?: string } = {}): Promise<string> {
  const tx = orm.em.fork();
  const tenant = await tx.findOneOrFail(Tenant, { name: 'mpanel' });
  const job = createJob(tx, { type: 'cloudpod_provision', tenantId: tenant.id, targetId: newId(), ...of });
  await tx.flush();
  return job.id;
}
const newJob = (of?: { orderId?: string; parentJobId?: string }) => jobOf(api, of);

const step = (jobId: string, name: string, attempt = 1) => beginStep(em(), { jobId, name, attempt, undo: false });
const done = (jobId: string, name: string) => markStep(em(), jobId, name, 'done', null);
const project = (jobId: string, status: string, reason: string | null = null) =>
  em().transactional((tx) =>
    projectJobRow(tx, { jobId, status, step: null, reason, blocks: [], ended: status === 'completed' }),
  );

test('a step whose worker died says so while it is tried again; what failed keeps its reason', async () => {
  const id = await newJob();
  const error = async (of = id) =>
    (await sql<{ error: string }>(em(), 'select error from job_step where job_id = ?', [of]))[0];
  await step(id, 'clone');
  await step(id, 'clone', 2);
  expect(await error()).toEqual({ error: expect.stringMatching(/^attempt 1 left no word: its worker died, /) });
  await markStep(em(), id, 'clone', 'failed', 'no such template');
  await step(id, 'clone', 3);
  expect(await error()).toEqual({ error: 'no such template' });
  await done(id, 'clone');
  expect(await error()).toEqual({ error: null });
  const unwritten = await newJob();
  const of = { jobId: unwritten, step: 'clone', reason: 'the database was away', ended: false };
  const blocks = [{ step: 'clone', reason: of.reason, decisions: ['retry'] }];
  await em().transactional((tx) => projectJobRow(tx, { ...of, status: 'blocked', blocks }));
  await em().transactional((tx) => projectJobRow(tx, { ...of, status: 'running', blocks: [] }));
  await step(unwritten, 'clone');
  expect(await error(unwritten)).toEqual({ error: of.reason });
});

describe('GET /jobs/:id/events', () => {
  test('tells what was, then what happens, and ends with the job', async () => {
    const id = await newJob();
    await step(id, 'hold');
    const stream = await openEvents(url(`/jobs/${id}/events`), bearer());
    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    expect(stream.headers.get('x-accel-buffering')).toBe('no');
    expect(stream.headers.get('cache-control')).toBe('no-store');
    expect(names(await stream.take(2))).toEqual(['job pending', 'step hold running']);
    await markStep(em(), id, 'hold', 'failed', 'no node answers');
    const [failed] = await stream.take(1);
    expect(failed).toEqual({
      id: '3',
      event: 'step',
      data: {
        ...{ jobId: id, type: 'cloudpod_provision', name: 'hold', status: 'failed', attempt: 1 },
        ...{ error: 'no node answers', startedAt: expect.any(String), endedAt: expect.any(String) },
        at: expect.any(String),
      },
    });
    await step(id, 'hold', 2);
    await done(id, 'hold');
    await project(id, 'completed');
    expect(names(await stream.rest())).toEqual(['step hold running', 'step hold done', 'job completed', 'end']);
  });

  test('a client that has it all is told to stay away', async () => {
    const id = await newJob();
    await project(id, 'completed');
    const events = await (await openEvents(url(`/jobs/${id}/events`), bearer())).rest();
    const last = { ...bearer(), 'last-event-id': String(events.at(-2)?.id) };
    expect((await openEvents(url(`/jobs/${id}/events`), last)).status).toBe(204);
    expect((await openEvents(url(`/jobs/${id}/events?lastEventId=${events.at(-2)?.id}`), bearer())).status).toBe(204);
  });

  test('an id that is none is refused', async () => {
    const id = await newJob();
    const wrong = await openEvents(url(`/jobs/${id}/events`), { ...bearer(), 'last-event-id': 'x' });
    expect(wrong.status).toBe(400);
  });

  test('HEAD is answered at once', async () => {
    const id = await newJob();
    expect((await api.withToken(token)('HEAD', `/api/jobs/${id}/events`)).status).toBe(200);
  });

  test('says now and then that it is there', async () => {
    const id = await newJob();
    const stream = await openEvents(url(`/jobs/${id}/events`), bearer());
    const coming = stream.take(2);
    await until('a heartbeat', () => /^:$/m.test(stream.text()));
    stream.close();
    await coming.catch(() => undefined);
  });

  test('a transaction that is rolled back is never told of', async () => {
    const id = await newJob();
    const undone = em().transactional(async (tx) => {
      await beginStep(tx, { jobId: id, name: 'never', attempt: 1, undo: false });
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    await project(id, 'completed');
    expect(names(await (await openEvents(url(`/jobs/${id}/events`), bearer())).rest())).toEqual([
      ...['job pending', 'job completed', 'end'],
    ]);
  });
});

/** The rows of an order that nobody placed: an order and its job, as far as the timeline looks at them. */
async function newOrder() {
  const { body: customer } = await api.admin('POST', '/api/customers', {
    body: { name: 'C', email: `${newId()}@example.com` },
  });
  const orderId = newId();
  const owner = em();
  await sql(
    owner,
    `insert into orders (id, tenant_id, customer_id, currency, total, payment_due_at) values (?, ?, ?, 'USD', 0, now())`,
    [orderId, tenantId, customer.id],
  );
  await sql(
    owner,
    `insert into invoice (id, tenant_id, customer_id, order_id, currency, subtotal, tax, total) values (?, ?, ?, ?, 'USD', 0, 0, 0)`,
    [newId(), tenantId, customer.id, orderId],
  );
  const job = createJob(owner, { type: 'order_fulfil', tenantId, customerId: customer.id, targetId: orderId, orderId });
  await owner.flush();
  return { orderId, jobId: job.id, customerId: customer.id as string };
}

describe('an order’s timeline', () => {
  test('has what all its jobs do, without gap or repeat, however often one comes back and in whichever process', async () => {
    const { orderId, jobId } = await newOrder();
    const children = await Promise.all(Array.from({ length: 6 }, () => newJob({ orderId, parentJobId: jobId })));
    const second = await api.another();
    const writing = (async () => {
      await Promise.all(
        children.map(async (child) => {
          for (let at = 0; at < 8; at++) {
            await step(child, `step ${at}`);
            await done(child, `step ${at}`);
          }
          await project(child, 'completed');
        }),
      );
      await project(jobId, 'completed');
    })();
    const seen: ServerEvent[] = [];
    for (let visit = 0; seen.at(-1)?.event !== 'end'; visit++) {
      const last = seen.at(-1)?.id;
      const path = url(`/orders/${orderId}/timeline`, visit % 2 ? second.url : api.url);
      const stream = await openEvents(path, { ...bearer(), ...(last ? { 'last-event-id': last } : {}) });
      seen.push(...(await stream.take(7)));
      stream.close();
    }
    await writing;
    await second.close();
    const told = seen.slice(0, -1);
    // Pending and completed of each job, begun and done of each step.
    expect(told).toHaveLength(2 * 7 + 6 * 8 * 2);
    expect(ids(told)).toEqual(told.map((_, at) => at + 1));
  });

  test('is nothing that another tenant or customer can follow', async () => {
    const { orderId } = await newOrder();
    const other = (await api.admin('POST', '/api/tenants', { body: { name: 'Other' } })).body;
    const login = { email: `${newId()}@other.test`, password: 'other admin password' };
    const headers = { 'x-tenant-id': other.id };
    await api.admin('POST', '/api/users', { headers, body: { ...login, name: 'O', roles: ['admin'] } });
    const foreign = await openEvents(url(`/orders/${orderId}/timeline`), bearer(await tokenOf(login)));
    expect(foreign.status).toBe(404);
    const acting = { ...bearer(), 'x-tenant-id': other.id };
    expect((await openEvents(url(`/orders/${orderId}/timeline`), acting)).status).toBe(404);
  });
});

test('what happens is told within a second because it happened, not because somebody looked', async () => {
  const quiet = await startApi({ STREAM_HEARTBEAT_SECONDS: '3600' });
  const { body } = await quiet.anyone('POST', '/api/auth/login', { body: ADMIN });
  const id = await jobOf(quiet);
  const stream = await openEvents(url(`/jobs/${id}/events`, quiet.url), bearer(body.token));
  await stream.take(1);
  // The one time that is promised: a second from the commit to who follows.
  const soon = async () => {
    const committedAt = performance.now();
    const told = names(await stream.take(1));
    expect(performance.now() - committedAt).toBeLessThan(1_000);
    return told;
  };
  const own = quiet.orm.em.fork();
  await beginStep(own, { jobId: id, name: 'hold', attempt: 1, undo: false });
  expect(await soon()).toEqual(['step hold running']);
  await markStep(own.fork(), id, 'hold', 'done', null);
  expect(await soon()).toEqual(['step hold done']);
  await quiet.close();
});

test('a listening connection that is cut comes back, and what was missed is read up', async () => {
  const id = await newJob();
  const stream = await openEvents(url(`/jobs/${id}/events`), bearer());
  await stream.take(1);
  const listening = () => sql<{ pid: number }>(em(), LISTENING);
  const pid = await until('a listener', async () => (await listening())[0]?.pid);
  await sql(em(), 'select pg_terminate_backend(?)', [pid]);
  await step(id, 'unheard');
  expect(names(await stream.take(1))).toEqual(['step unheard running']);
  await until('another listener', async () => (await listening())[0]?.pid);
  await done(id, 'unheard');
  expect(names(await stream.take(1))).toEqual(['step unheard done']);
  stream.close();
});

const LISTENING = `select pid from pg_stat_activity where datname = current_database() and query = 'listen mpanel_live'`;

describe('who may follow', () => {
  test.each(['platform admin', 'admin', 'reseller', 'customer'])('a %s: a job and an order of theirs', async (who) => {
    const { orderId, jobId, customerId } = await newOrder();
    const login = { email: `${newId()}@mpanel.test`, password: 'a long enough password' };
    const own = who === 'customer' ? { customerId } : {};
    const platform = who === 'platform admin';
    if (!platform) await api.admin('POST', '/api/users', { body: { ...login, name: 'A', roles: [who], ...own } });
    const caller = bearer(await tokenOf(platform ? ADMIN : login));
    for (const path of [`/jobs/${jobId}/events`, `/orders/${orderId}/timeline`]) {
      const stream = await openEvents(url(path), caller);
      expect(stream.status).toBe(200);
      expect(names(await stream.take(1))).toEqual(['job pending']);
      stream.close();
    }
  });

  const ticketFor = async (path: string) => (await api.admin('POST', `/api${path}/ticket`)).body.ticket as string;

  test('a ticket opens one stream at one path, once', async () => {
    const [id, other] = [await newJob(), await newJob()];
    const path = `/jobs/${id}/events`;
    const ticket = await ticketFor(path);
    expect((await em().find(StreamTicket, {})).map((row) => JSON.stringify(row))).not.toContain(ticket);
    const stream = await openEvents(url(`${path}?ticket=${ticket}`));
    expect(names(await stream.take(1))).toEqual(['job pending']);
    stream.close();
    expect((await openEvents(url(`${path}?ticket=${ticket}`))).status).toBe(401);
    expect((await openEvents(url(`/jobs/${other}/events?ticket=${await ticketFor(path)}`))).status).toBe(401);
    expect((await openEvents(url(`${path}?ticket=x`))).status).toBe(401);
    expect((await openEvents(url(path))).status).toBe(401);
  });

  test('a ticket that was left lying opens nothing', async () => {
    const path = `/jobs/${await newJob()}/events`;
    const ticket = await ticketFor(path);
    await em().nativeUpdate(StreamTicket, {}, { expiresAt: new Date(Date.now() - 1) });
    expect((await openEvents(url(`${path}?ticket=${ticket}`))).status).toBe(401);
  });

  test('who is suspended is shown no more', async () => {
    const login = { email: `${newId()}@mpanel.test`, password: 'a long enough password' };
    await api.admin('POST', '/api/users', { body: { ...login, name: 'A', roles: ['admin'] } });
    const id = await newJob();
    const stream = await openEvents(url(`/jobs/${id}/events`), bearer(await tokenOf(login)));
    await stream.take(1);
    await em().nativeUpdate(User, { email: login.email }, { status: 'suspended' });
    expect(await stream.rest()).toEqual([]);
  });

  test('a job that is taken away is shown no more', async () => {
    const id = await newJob();
    const stream = await openEvents(url(`/jobs/${id}/events`), bearer());
    await stream.take(1);
    await em().nativeDelete(Job, { id });
    expect(await stream.rest()).toEqual([]);
  });

  test('nobody follows without end', async () => {
    const tight = await startApi({ STREAMS_PER_USER: '1' });
    const { body } = await tight.anyone('POST', '/api/auth/login', { body: ADMIN });
    const at = url(`/jobs/${await jobOf(tight)}/events`, tight.url);
    const first = await openEvents(at, bearer(body.token));
    await first.take(1);
    expect((await openEvents(at, bearer(body.token))).status).toBe(429);
    first.close();
    await until('room for another', async () => {
      const again = await openEvents(at, bearer(body.token));
      again.close();
      return again.status === 200;
    });
    await tight.close();
  });
});

test('a process that stops ends its streams and says when to come back', async () => {
  const own = await startApi();
  const { body } = await own.anyone('POST', '/api/auth/login', { body: ADMIN });
  const stream = await openEvents(url(`/jobs/${await jobOf(own)}/events`, own.url), bearer(body.token));
  await stream.take(1);
  const closed = own.close();
  expect(await stream.rest()).toEqual([]);
  expect(stream.text()).toMatch(/retry: \d+\n\n$/);
  await closed;
});
