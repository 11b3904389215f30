import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Job, type Outbox } from '../db/entities/index.ts';
import { first } from '../db/queries/entity.ts';
import { startJob } from '../db/queries/jobs.ts';
import { claimDue, markDead, markFailed, markSent, parcelOf } from '../db/queries/outbox.ts';
import { asPlatform } from '../db/tenant-scope.ts';
import type { Engine } from '../runtime/engine.ts';
import type { Logger } from '../runtime/logger.ts';
import { SIGNALS } from '../workflows/catalog.ts';

const TICK_MS = 500;
const BATCH = 50;
const DEADLINE_MS = 5_000;

/** Sends what a crash, or an engine that was away, left unsent. Any number of them may run. */
export function startDispatcher(orm: MikroORM, engine: Engine, log: Logger): { stop(): Promise<void> } {
  const stop = new AbortController();
  const loop = (async () => {
    while (!stop.signal.aborted) {
      const sent = await sweep(orm, engine, log, stop.signal).catch((err: unknown) => {
        log.warn({ err }, 'outbox not swept');
        return 0;
      });
      if (sent < BATCH) await sleep(TICK_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: () => {
      stop.abort();
      return loop;
    },
  };
}

/**
 * One batch, in one transaction that keeps other dispatchers off its rows. Answers how many it took. Told to stop it
 * leaves the rest to others: what was sent must be written down before this process is killed, or it is sent again.
 */
export function sweep(orm: MikroORM, engine: Engine, log: Logger, stop?: AbortSignal): Promise<number> {
  return asPlatform('the outbox holds what all tenants have to say', () => sendDue(orm, engine, log, stop));
}

function sendDue(orm: MikroORM, engine: Engine, log: Logger, stop: AbortSignal | undefined): Promise<number> {
  return orm.em.fork().transactional(async (tx) => {
    const rows = await claimDue(tx, BATCH);
    for (const row of rows) {
      if (stop?.aborted) break;
      try {
        const delivery = await engine.deliver(parcelOf(row), DEADLINE_MS);
        if (delivery === 'nobody') await takeOver(tx, row);
        else await markSent(tx, row.id);
      } catch (error) {
        log.warn({ err: error, workflowId: row.workflowId, kind: row.kind }, 'not sent');
        await markFailed(tx, row, error instanceof Error ? error.message : String(error));
      }
    }
    return rows.length;
  });
}

/** Money for an order that has ended gets a workflow of its own; any other signal comes too late to matter. */
async function takeOver(tx: EntityManager, row: Outbox): Promise<void> {
  if (await settleAlone(tx, row)) return markSent(tx, row.id);
  return markDead(tx, row.id, 'its workflow has ended');
}

async function settleAlone(tx: EntityManager, { name, workflowId }: Outbox): Promise<boolean> {
  const job = name === SIGNALS.payment ? await first(tx, Job, { workflowId }) : null;
  if (!job) return false;
  const { tenantId, targetId, customerId, orderId } = job;
  startJob(tx, {
    type: 'payment_settle',
    tenantId,
    targetId,
    customerId: customerId ?? null,
    orderId: orderId ?? null,
  });
  return true;
}
