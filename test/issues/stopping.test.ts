import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner } from '../../db/config.ts';
import { Outbox, Tenant } from '../../db/entities/index.ts';
import { createEngine, type Engine } from '../../runtime/engine.ts';
import { newId } from '../../runtime/ids.ts';
import { createLogger } from '../../runtime/logger.ts';
import { aborted, unlessAborted } from '../../runtime/wait.ts';
import { sweep } from '../../workers/dispatcher.ts';
import { HEARTBEAT, WORKER_TUNING } from '../../workers/tuning.ts';
import { HEARTBEAT_TIMEOUT_MS } from '../../workflows/contract.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openAsOwner({ url: database.url, pool: 4 });
});
afterAll(async () => {
  await orm.close(true);
  await database.drop();
});

test('a dispatcher that is told to stop writes down what it has sent and leaves the rest to others', async () => {
  const tenantId = newId();
  await orm.em.fork().insert(Tenant, { id: tenantId, name: 'host' });
  for (let count = 0; count < 5; count++)
    await orm.em.fork().insert(Outbox, {
      ...{ id: newId(), tenantId, workflowId: `dns_apply/${tenantId}/${newId()}`, kind: 'start', eventId: 'e' },
      ...{ name: 'dns_apply', args: [], nextAt: new Date(0) },
    });
  const stop = new AbortController();
  let sent = 0;
  const engine = {
    deliver: async () => {
      if (++sent === 2) stop.abort();
      return 'sent';
    },
  } as unknown as Engine;
  await sweep(orm, engine, createLogger('test', 'silent'), stop.signal);
  const states = (await orm.em.fork().find(Outbox, {}, { orderBy: { id: 'asc' } })).map(({ state }) => state);
  expect([sent, states]).toEqual([2, ['sent', 'sent', 'pending', 'pending', 'pending']]);
});

test('being told to stop while something is made ready is not forgotten', async () => {
  const stop = new AbortController();
  const bundling = unlessAborted(stop.signal, new Promise<never>(() => undefined));
  stop.abort(new Error('SIGTERM: stopping'));
  await expect(bundling).rejects.toThrow('SIGTERM: stopping');
  // Whoever asks only now learns of it, too.
  await expect(unlessAborted(stop.signal, new Promise<never>(() => undefined))).rejects.toThrow('SIGTERM: stopping');
  await aborted(stop.signal);
});

test('what work comes to is answered where nobody stops it', async () => {
  await expect(unlessAborted(new AbortController().signal, Promise.resolve('made'))).resolves.toBe('made');
});

test('a living activity is heard of several times before it counts as dead', () => {
  const heard = Math.min(0.8 * HEARTBEAT_TIMEOUT_MS, WORKER_TUNING.maxHeartbeatThrottleInterval);
  expect(HEARTBEAT_TIMEOUT_MS / Math.max(heard, HEARTBEAT.everyMs)).toBeGreaterThanOrEqual(3);
});

test('an engine that was closed opens no connection any more', async () => {
  const keys = {} as never;
  const engine = createEngine({ address: '127.0.0.1:1', namespace: 'default', taskQueue: 'none', keys });
  await expect(engine.client()).rejects.toThrow();
  await engine.close();
  await expect(engine.client()).rejects.toThrow('the engine is closed');
});
