import type { EntityManager } from '@mikro-orm/postgresql';
import { JobEvent } from '../entities/index.ts';

/** What is followed: an order's jobs together, or one of a stream's jobs. */
export interface Followed {
  stream: string;
  jobId?: string;
}

export const EVENTS_MOST = 100;

/** The next events after one, at most {@link EVENTS_MOST}; after 0: from the first that is kept. */
export function eventsAfter(em: EntityManager, { stream, jobId }: Followed, after: number): Promise<JobEvent[]> {
  return em.find(
    JobEvent,
    { stream, seq: { $gt: after }, ...(jobId ? { jobId } : {}) },
    { orderBy: { seq: 'asc' }, limit: EVENTS_MOST },
  );
}
