import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Scene, sceneOf } from '../laws/support/scene.ts';
import { type Hands, openWorld, type World } from '../laws/support/world.ts';

// A CA that had forgotten our account (Pebble keeps nothing over a restart) blocked every certificate from then on.

let world: World;
let hands: Hands;
let scene: Scene;
beforeAll(async () => {
  world = await openWorld();
  hands = world.hands(false);
  scene = sceneOf(world, hands);
}, 60_000);
afterAll(async () => {
  await hands.close();
  await world.close();
});

const accountUrl = async () => (await world.rows<{ url: string }>('select url from acme_account'))[0]?.url;

test('a CA that does not know our account is told its key again, and issues', async () => {
  await scene.done(await scene.buy('CPOD-MINI', { name: 'before' }));
  const url = await accountUrl();
  await world.rows(`update acme_account set url = url || 'x'`);
  const restarted = world.hands(false);
  try {
    const again = sceneOf(world, restarted);
    await again.done(await again.buy('CPOD-MINI', { name: 'after' }));
  } finally {
    await restarted.close();
  }
  expect(await accountUrl()).toBe(url);
  expect(await world.rows(`select status from certificate`)).toEqual([{ status: 'active' }, { status: 'active' }]);
}, 60_000);
