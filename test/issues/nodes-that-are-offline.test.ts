import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Node } from '../../db/entities/index.ts';
import { holdCapacity } from '../../db/queries/capacity.ts';
import { type Guests, openGuests } from '../support/guests.ts';

let guests: Guests;
let guest: string;
beforeAll(async () => {
  guests = await openGuests();
  guest = await guests.guest();
  await guests.node('pve1', 0.5, 'offline');
});
afterAll(() => guests.close());

const held = () => guests.em().transactional((em) => holdCapacity(em, guest));

test('an operator is told whether nodes are full or away', async () => {
  expect(await held()).toBe('no node is online');
  await guests.em().nativeUpdate(Node, { name: 'pve1' }, { status: 'online' });
  expect(await held()).toBe('no node with enough room');
});
