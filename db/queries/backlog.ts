import type { EntityManager } from '@mikro-orm/postgresql';
import { SystemEvent } from '../entities/index.ts';
import { recordSystemEvent } from './system-events.ts';

export interface Backlog {
  /** Outbox rows not sent yet. */
  pending: number;
  oldestSeconds: number;
  /** When the oldest was written, as the database says it; null without any. */
  since: string | null;
  /** Blocked jobs. */
  blocked: number;
}

export async function measureBacklog(em: EntityManager): Promise<Backlog> {
  const [row] = await em.getConnection().execute<Backlog[]>(
    `select count(*)::int as pending, coalesce(extract(epoch from now() - min(created_at)), 0)::float as "oldestSeconds",
       min(created_at)::text as since, (select count(*)::int from job where status = 'blocked') as blocked
     from outbox where state = 'pending'`,
  );
  return row!;
}

/** The dispatcher tries what is not sent at least once a minute. */
const LATE_SECONDS = 60;

const DELAYED = 'queue.delayed';
const CAUGHT_UP = 'queue.caught_up';

/**
 * Tells operators that Temporal is not being told, once until it is again, and then that. What was told last is read
 * from the events: any number of workers may look, and begin anew meanwhile.
 */
export async function tellDelay(em: EntityManager, { pending, oldestSeconds, since }: Backlog): Promise<void> {
  const open = await toldOfDelay(em);
  const data = { pending, oldestSeconds: Math.round(oldestSeconds) };
  if (since && oldestSeconds > LATE_SECONDS && open === undefined) {
    const message = `Temporal is not being told: ${pending} starts and signals wait, the oldest for ${data.oldestSeconds} s`;
    await recordSystemEvent(em, { type: DELAYED, level: 'warning', key: since, message, data });
  } else if (oldestSeconds <= LATE_SECONDS && open !== undefined) {
    const message = `Temporal is being told again: nothing has waited for longer than ${LATE_SECONDS} s`;
    await recordSystemEvent(em, { type: CAUGHT_UP, level: 'info', key: open, message, data });
  }
}

/** The delay that operators were told of last, unless they were told that it is over. Both are found by an index of theirs. */
async function toldOfDelay(em: EntityManager): Promise<string | undefined> {
  const told = await em.findOne(SystemEvent, { type: DELAYED }, { orderBy: { createdAt: 'desc', id: 'desc' } });
  const over = told && (await em.count(SystemEvent, { type: CAUGHT_UP, key: told.key }));
  return over ? undefined : told?.key;
}
