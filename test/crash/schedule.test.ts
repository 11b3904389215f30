import { expect, test } from '@jest/globals';
import { FAULTS } from '../../crash/faults.ts';
import { command, readOptions } from '../../crash/options.ts';
import { plan, TARGETS } from '../../crash/schedule.ts';
import { SORTS } from '../../crash/wishes.ts';

const SIZE = { orders: 1_000, kills: 40, faults: 1_500 };

test('the same seed makes the same schedule, another one another', () => {
  expect(plan('7', SIZE)).toEqual(plan('7', SIZE));
  expect(plan('8', SIZE)).not.toEqual(plan('7', SIZE));
});

test('a thousand orders are of all sorts and paid in all ways, and meet every fault', () => {
  const { orders, faults } = plan('7', SIZE);
  expect(new Set(orders.map(({ sort }) => sort.name)).size).toBe(SORTS.length);
  expect(new Set(orders.map(({ payment }) => payment)).size).toBe(8);
  expect(new Set(faults.map(({ fault }) => fault)).size).toBe(FAULTS.length);
  expect(new Set(orders.map(({ domain }) => domain)).size).toBe(SIZE.orders);
});

test('every target is killed as often as asked for, all the way through', () => {
  const { kills } = plan('7', SIZE);
  for (const target of TARGETS) {
    const at = kills.filter((kill) => kill.target === target).map(({ orders }) => orders);
    expect(at).toHaveLength(SIZE.kills);
    for (let part = 0; part < SIZE.kills; part++) {
      const within = SIZE.orders / SIZE.kills;
      expect(at.filter((orders) => orders >= part * within && orders < (part + 1) * within)).toHaveLength(1);
    }
  }
});

test('an order that cannot be delivered is paid, so that its money is seen to come back', () => {
  const flawed = plan('7', SIZE).orders.filter(({ sort }) => sort.flaw);
  expect(flawed.length).toBeGreaterThan(50);
  for (const { payment } of flawed) expect(['declined', 'called off', 'too late']).not.toContain(payment);
});

test('what is printed to play it again asks for the same', () => {
  const options = readOptions(['--orders', '30', '--seed', 'abc']);
  expect(options).toMatchObject({ orders: 30, seed: 'abc', inFlight: 20, kills: 2, faults: 45 });
  expect(readOptions(command(options).split(' -- ')[1]!.split(' '))).toEqual(options);
  expect(() => readOptions(['--orders', 'many'])).toThrow('--orders takes a number from 1 up.');
});
