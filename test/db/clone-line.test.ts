import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner } from '../../db/config.ts';
import { CloneLine, Job, Outbox, Tenant } from '../../db/entities/index.ts';
import { leaveLines, standInLine } from '../../db/queries/clone-line.ts';
import { createJob } from '../../db/queries/jobs.ts';
import { newId } from '../../runtime/ids.ts';
import { freshDatabase } from '../support/postgres.ts';

let orm: MikroORM;
let drop: () => Promise<unknown>;
beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  orm = await openAsOwner({ url: database.url, pool: 8 });
});
afterAll(async () => {
  await orm.close(true);
  await drop();
});
beforeEach(async () => {
  await orm.em.fork().nativeDelete(CloneLine, {});
});

const LIMITS = { template: 2, storage: 3 };
const TEMPLATE = { name: 'template pve1/9000', limit: LIMITS.template };
const STORAGE = { name: 'storage pve1/local-lvm', limit: LIMITS.storage };
const OTHER = { name: 'template pve1/9001', limit: LIMITS.template };

const ask = (id: string, lines = [STORAGE, TEMPLATE]) => standInLine(orm.em.fork(), id, lines);
const leave = (id: string) => leaveLines(orm.em.fork(), id, LIMITS);
const standing = async ({ name }: { name: string }) =>
  (await orm.em.fork().findOneOrFail(CloneLine, { name })).line.map(({ id }) => id);

test('so many at a time, then the others in the order in which they came', async () => {
  const [a, b, c, d] = [newId(), newId(), newId(), newId()];
  expect(await ask(a)).toEqual([]);
  expect(await ask(b)).toEqual([]);
  expect(await ask(c)).toEqual([{ ...TEMPLATE, before: 2 }]);
  expect(await ask(d)).toEqual([
    { ...STORAGE, before: 3 },
    { ...TEMPLATE, before: 3 },
  ]);
  await leave(b);
  expect(await ask(d)).toEqual([{ ...TEMPLATE, before: 2 }]);
  expect(await ask(c)).toEqual([]);
  expect(await standing(TEMPLATE)).toEqual([a, c, d]);
});

test('asking again keeps the place', async () => {
  const [a, b, c] = [newId(), newId(), newId()];
  for (const id of [a, b, c, a, b, c, c, a]) await ask(id);
  expect(await standing(TEMPLATE)).toEqual([a, b, c]);
});

test('templates have lines of their own, a storage may be full for all of them', async () => {
  for (const lines of [
    [STORAGE, TEMPLATE],
    [STORAGE, TEMPLATE],
    [STORAGE, OTHER],
  ])
    expect(await ask(newId(), lines)).toEqual([]);
  expect(await ask(newId(), [STORAGE, OTHER])).toEqual([{ ...STORAGE, before: 3 }]);
});

test('thirty at once: no place is given twice, nobody is lost, nobody hangs', async () => {
  const ids = Array.from({ length: 30 }, newId);
  const asked = await Promise.all(ids.map((id, at) => ask(id, at % 2 ? [STORAGE, TEMPLATE] : [TEMPLATE, STORAGE])));
  expect(asked.filter((waits) => waits.length === 0)).toHaveLength(2);
  expect((await standing(TEMPLATE)).toSorted()).toEqual(ids.toSorted());
  expect(await standing(STORAGE)).toEqual(await standing(TEMPLATE));
  await Promise.all(ids.map(leave));
  expect(await standing(TEMPLATE)).toEqual([]);
});

test('a place that nobody asks for any more is given up when its time is over', async () => {
  const [dead, live, next] = [newId(), newId(), newId()];
  for (const id of [dead, live]) await ask(id);
  await orm.em
    .fork()
    .execute(`update clone_line set line = jsonb_set(line, '{0,until}', to_jsonb(now() - interval '1 second'))`);
  expect(await ask(next)).toEqual([]);
  expect(await standing(TEMPLATE)).toEqual([live, next]);
});

test('who leaves wakes the one whose turn it is then, and nobody else', async () => {
  const em = orm.em.fork();
  const tenantId = newId();
  await em.insert(Tenant, { id: tenantId, name: 'host' });
  const jobs = Array.from({ length: 4 }, () =>
    createJob(em, { type: 'cloudpod_provision', tenantId, targetId: newId() }),
  );
  await em.flush();
  await em.nativeUpdate(Job, { tenantId }, { status: 'blocked' });
  for (const { targetId } of jobs) await ask(targetId, [TEMPLATE]);
  const woken = async () =>
    (await orm.em.fork().find(Outbox, { name: 'capacity' })).map(({ workflowId }) => workflowId);
  await leave(jobs[0]!.targetId);
  expect(await woken()).toEqual([jobs[2]!.workflowId]);
  await leave(jobs[0]!.targetId);
  expect(await woken()).toEqual([jobs[2]!.workflowId]);
});
