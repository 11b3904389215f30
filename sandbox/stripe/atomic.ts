import type { DatabaseSync } from 'node:sqlite';

/**
 * Does some writes as one, so that a process killed in the middle has done all of them or none. What was written before
 * an error stays: the same stands in memory. The work must not wait for anything, or others' writes would come into it.
 */
export function atomically<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN');
  try {
    return work();
  } finally {
    db.exec('COMMIT');
  }
}
