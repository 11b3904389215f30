import type { EntityManager } from '@mikro-orm/postgresql';
import type { JobEvent } from '../../db/entities/index.ts';
import { EVENTS_MOST, eventsAfter, type Followed } from '../../db/queries/job-events.ts';
import { jobHasEnded } from '../../db/queries/job-views.ts';

/** One event as it goes over the wire. */
export interface Told {
  id: number;
  event: string;
  data: unknown;
}

/** Something that is told event by event. */
export interface Feed {
  /** What the listener is woken by. */
  topic: string;
  /** What comes after an event's id. `more`: there is more at once; `ended`: nothing will ever come after these. */
  read(em: EntityManager, after: number): Promise<{ events: Told[]; more: boolean; ended: boolean }>;
}

/** @param until the job whose end is the feed's */
export function feedOf(followed: Followed, until: string, present: (event: JobEvent) => Omit<Told, 'id'>): Feed {
  return {
    topic: followed.stream,
    async read(em, after) {
      // Asked first: what is read after the end is all that there is.
      const over = await jobHasEnded(em, until);
      const rows = await eventsAfter(em, followed, after);
      const more = rows.length === EVENTS_MOST;
      return { events: rows.map((row) => ({ id: row.seq, ...present(row) })), more, ended: over && !more };
    },
  };
}
