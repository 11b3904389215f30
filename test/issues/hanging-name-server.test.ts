import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toFailure } from '../../activities/failure.ts';
import { DnsZone } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import type { StepRef } from '../../workflows/contract.ts';
import { openWorld, type World } from '../laws/support/world.ts';
import { until } from '../support/until.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
}, 60_000);
afterAll(() => world.close());

const MANY = 40;
const HANGS_MS = 4_000;

test('while the name server hangs, other work has a connection to the database', async () => {
  const hands = world.hands(false);
  const { tenantId, customerId } = world;
  const { faults } = world.self('powerdns');
  const { id: fault } = faults.add({
    ...{ match: 'hang|/zones$', phase: 'before', action: { kind: 'delay', ms: HANGS_MS }, times: 1_000 },
  });
  const struck = () => 1_000 - (faults.list().find(({ id }) => id === fault)?.times ?? 0);

  const ended: string[] = [];
  const applied = Array.from({ length: MANY }, async (_, at) => {
    const targetId = newId();
    const name = `hang${at}.example`;
    await world.em().insert(DnsZone, { id: targetId, tenantId, customerId, name, status: 'active' });
    const ref: StepRef = {
      ...{ jobId: newId(), tenantId, targetId, customerId: null, orderId: null },
      ...{ type: 'dns_apply', step: 'write zone', phase: 'do' },
    };
    const failed = (error: unknown) => (toFailure(error) as { type?: string }).type ?? String(error);
    ended.push(await hands.activities.applyZone(ref).then(() => 'written', failed));
  });
  try {
    await until('it hangs', async () => struck() > 1);
    expect(await hands.deps.em().getConnection().execute('select 1 as here')).toEqual([{ here: 1 }]);
    expect(ended.filter((end) => end !== 'Wait')).toEqual([]);
    await Promise.all(applied);
    expect(ended.filter((end) => end === 'Wait').length).toBeGreaterThan(MANY / 2);
  } finally {
    world.mend();
    await Promise.all(applied);
    await hands.close();
  }
}, 120_000);
