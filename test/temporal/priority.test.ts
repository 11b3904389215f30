import { afterEach, expect, test } from '@jest/globals';
import { newId } from '../../runtime/ids.ts';
import type { JobInput, JobType } from '../../workflows/catalog.ts';
import { until } from '../support/until.ts';
import { openRuns, type Runs } from './runs.ts';

const MANY = 200;
let runs: Runs;
afterEach(() => runs?.close());

const many = (type: JobType, tenantId: string) => Array.from({ length: MANY }, () => ({ ...runs.job(type), tenantId }));

/** How many activities are done before the first of a job, where nobody is at work until all is asked for. */
async function before(queue: JobInput[], job: JobInput): Promise<number> {
  for (const each of queue) await runs.start(each);
  runs.begin();
  const place = () => runs.calls.findIndex((call) => call.endsWith(job.targetId));
  await until('it is begun', () => place() >= 0, 50_000);
  return place();
}

test('what a paid order is made of goes before all that its tenant asked for before', async () => {
  runs = await openRuns({ idle: true });
  const tenantId = newId();
  const box = { ...runs.job('mailbox_create'), tenantId };
  const order = { ...runs.order(box), tenantId };
  // Each of the others is some five; the order itself begins among them.
  expect(await before([order, ...many('certificate_renew', tenantId)], box)).toBeLessThan(2 * MANY);
}, 60_000);

test('a tenant that asks for much does not keep another one waiting', async () => {
  runs = await openRuns({ idle: true });
  const other = runs.job('mailbox_create');
  expect(await before([...many('mailbox_create', newId()), other], other)).toBeLessThan(MANY / 2);
}, 60_000);
