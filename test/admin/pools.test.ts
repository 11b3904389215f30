import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Job, Outbox, VmidSlot } from '../../db/entities/index.ts';
import { claimAddress } from '../../db/queries/capacity.ts';
import { createJob } from '../../db/queries/jobs.ts';
import { newId } from '../../runtime/ids.ts';
import { type OpenDesk, openDesk } from './support.ts';

let desk: OpenDesk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

describe('addresses', () => {
  test('are added, can be claimed, and are counted', async () => {
    const { code, text } = await desk.say('pool addresses add 203.0.113.0/29 --gateway 203.0.113.1');
    expect({ code, text }).toEqual({ code: 0, text: 'Added 5 addresses, 203.0.113.2 to 203.0.113.6.' });
    expect(await claimAddress(desk.em(), { instanceId: newId(), family: 4 })).toBe('203.0.113.2');
    expect(await desk.rows('pool addresses list')).toEqual([
      { network: '203.0.113.0/29', gateway: '203.0.113.1', total: 5, held: 1, free: 4, resting: 0 },
    ]);
  });

  test.each(['203.0.113.0/29 --gateway 203.0.113.1', '203.0.113.0/24 --gateway 203.0.113.254'])(
    'that overlap a pool are refused, all of them: %s',
    async (range) => {
      const { code, text } = await desk.say(`pool addresses add ${range}`);
      expect(code).toBe(1);
      expect(text).toMatch(/overlaps: 5 of its addresses are in a pool already\.$/);
      expect(await desk.rows('pool addresses list')).toHaveLength(1);
    },
  );

  test.each([
    'pool addresses add 203.0.113.9/29 --gateway 203.0.113.1',
    'pool addresses add 10.0.0.0/8 --gateway 10.0.0.1',
    'pool addresses add 10.0.0.0/24',
    'pool addresses add --gateway 10.0.0.1',
  ])('are not understood: %s', async (line) => {
    const { code, text } = await desk.say(line);
    expect(code).toBe(64);
    expect(text).toContain('\nUsage: npm run admin -- COMMAND');
  });
});

test('a command that there is not is named, with those that come near', async () => {
  for (const line of ['pool frob', 'pool addresses frob'])
    expect(await desk.say(line)).toEqual({
      code: 64,
      text: expect.stringMatching(new RegExp(`^There is no command '${line}'\\.\nUsage: .*pool addresses add`, 's')),
    });
});

describe('VMIDs', () => {
  test('are added and counted by unbroken range', async () => {
    await desk.say('pool vmids add 20000-20009');
    await desk.say('pool vmids add 30000-30000');
    await desk.em().nativeUpdate(VmidSlot, { vmid: 20003 }, { foreign: true });
    await desk.em().nativeUpdate(VmidSlot, { vmid: 20004 }, { instanceId: newId() });
    await desk.em().nativeUpdate(VmidSlot, { vmid: 20005 }, { freeFrom: new Date(Date.now() + 60_000) });
    expect(await desk.rows('pool vmids list')).toEqual([
      { from: 20000, to: 20009, total: 10, held: 1, foreign: 1, free: 7, resting: 1 },
      { from: 30000, to: 30000, total: 1, held: 0, foreign: 0, free: 1, resting: 0 },
    ]);
  });

  test('that overlap are refused, all of them', async () => {
    const { code, text } = await desk.say('pool vmids add 20005-20020');
    expect({ code, text }).toEqual({ code: 1, text: '20005-20020 overlaps: 5 are in the pool already.' });
    expect(await desk.em().count(VmidSlot, {})).toBe(11);
  });

  test('of a template are refused', async () => {
    await desk.say('nodes add pve1 --ip 10.0.0.11 --cores 8 --memory 16G --disk 100G');
    await desk.say('templates add debian-12 --node pve1 --vmid 9000');
    expect((await desk.say('pool vmids add 8990-9010')).text).toBe('The template debian-12 (9000) lies in this range.');
  });

  test.each(['20000', '10-200', '5000-4000', '100000-165536', '1-9999999999'])(
    'are not understood: %s',
    async (range) => {
      expect((await desk.say(`pool vmids add ${range}`)).code).toBe(64);
    },
  );
});

test('who waits for capacity is told that there may be some', async () => {
  const em = desk.em();
  const job = createJob(em, { type: 'cloudpod_provision', tenantId: desk.tenantId, targetId: newId() });
  await em.flush();
  await em.nativeUpdate(Job, { id: job.id }, { status: 'blocked', step: 'hold capacity' });
  await desk.say('pool addresses add 198.51.100.0/30 --gateway 198.51.100.1');
  expect(await desk.em().count(Outbox, { workflowId: job.workflowId, name: 'capacity' })).toBe(1);
});
