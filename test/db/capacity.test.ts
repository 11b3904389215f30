import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { holdCapacity, releaseCapacity } from '../../db/queries/capacity.ts';
import { type Guests, openGuests } from '../support/guests.ts';

let guests: Guests;
beforeAll(async () => {
  guests = await openGuests();
  await guests.node('pve1', 100);
});
afterAll(() => guests.close());

const hold = (id: string) => guests.em().transactional((tx) => holdCapacity(tx, id));

test('VMIDs and addresses go round: what has been free the longest is next, and what rests is not handed out', async () => {
  const { guest } = guests;
  for (const [at, seconds] of [1, 3, 2, -600].entries()) await guests.slot(at, new Date(Date.now() - seconds * 1000));
  const [one, two, three, four] = [await guest(), await guest(), await guest(), await guest()];
  expect(await hold(one)).toMatchObject({ vmid: 101, ipv4: '127.64.2.1' });
  expect(await hold(two)).toMatchObject({ vmid: 102, ipv4: '127.64.2.2' });
  await guests.em().transactional((tx) => releaseCapacity(tx, one, 0));
  expect(await hold(three)).toMatchObject({ vmid: 100, ipv4: '127.64.2.0' });
  expect(await hold(four)).toMatchObject({ vmid: 101, ipv4: '127.64.2.1' });
  expect(await hold(await guest())).toBe('no free VMID');
});
