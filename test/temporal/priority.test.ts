import { afterEach, expect, test } from '@jest/globals';
import type { JobInput } from '../../workflows/catalog.ts';
import { openRuns, type Runs } from './runs.ts';

const MANY = 200;
/** A worker takes on so many at once that the first ones are told apart from all, and not from each other. */
const FIRST = 100;

let runs: Runs;
afterEach(() => runs?.close());

/** How many activities were done before the first of a job that was asked for after many others, all with nobody at work. */
async function waited(many: (nth: number) => JobInput, last: JobInput): Promise<number> {
  for (let nth = 0; nth < MANY; nth++) await runs.start(many(nth));
  await runs.start(last);
  runs.begin();
  await runs.result(last);
  return runs.calls.findIndex((call) => call.endsWith(last.targetId));
}

test('what was sold goes before what is done by itself', async () => {
  runs = await openRuns({ idle: true });
  const before = await waited(() => runs.job('certificate_renew'), runs.job('mailbox_create'));
  expect(before).toBeLessThan(FIRST);
}, 60_000);

test('a tenant that asks for much does not keep another one waiting', async () => {
  runs = await openRuns({ idle: true });
  const { tenantId } = runs.job('mailbox_create');
  const before = await waited(() => ({ ...runs.job('mailbox_create'), tenantId }), runs.job('mailbox_create'));
  expect(before).toBeLessThan(FIRST);
}, 60_000);
