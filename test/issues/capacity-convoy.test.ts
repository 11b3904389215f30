import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Job } from '../../db/entities/index.ts';
import { inTurn } from '../../db/queries/instances.ts';
import { newId } from '../../runtime/ids.ts';
import { type Guests, openGuests } from '../support/guests.ts';

let guests: Guests;
beforeAll(async () => {
  guests = await openGuests();
});
afterAll(() => guests.close());

/** A guest that waits for capacity; earlier made is earlier in turn. */
async function waiting(): Promise<string> {
  const { tenantId, customerId } = guests;
  const [targetId, id] = [await guests.guest('qemu'), newId()];
  const job = { id, tenantId, customerId, type: 'cloudpod_provision', targetId };
  await guests.em().insert(Job, { ...job, status: 'running', workflowId: `cloudpod_provision/${tenantId}/${id}` });
  return targetId;
}

const turns = async (ids: string[]) => {
  const answers: boolean[] = [];
  for (const id of ids) answers.push(await inTurn(guests.em(), id));
  return answers;
};

test('guests wait for those before them only as far as there is not enough for all', async () => {
  const ids = [await waiting(), await waiting(), await waiting()];
  await guests.node('pve1', 2);
  await guests.slot(1);
  expect(await turns(ids)).toEqual([true, false, false]);
  await guests.slot(2);
  expect(await turns(ids)).toEqual([true, true, false]);
  await guests.slot(3);
  expect(await turns(ids)).toEqual([true, true, false]);
  await guests.node('pve2', 1);
  expect(await turns(ids)).toEqual([true, true, true]);
});
