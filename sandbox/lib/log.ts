import type { Store } from './store.ts';

/** One request as the stand-in saw it and what it answered. */
export interface LogEntry {
  seq: number;
  at: string;
  operation: string;
  request: unknown;
  response: unknown;
  /** The action of the fault that struck, if one did. */
  fault?: unknown;
}

const KEEP = 200_000;

/** Every request of one stand-in, in order, kept with its state: tests and the demo look here for repeats. */
export class RequestLog {
  readonly #store: Store;
  readonly #system: string;
  readonly #insert;

  constructor(store: Store, system: string) {
    this.#store = store;
    this.#system = system;
    this.#insert = store.db.prepare('INSERT INTO log (system, operation, json) VALUES (?, ?, ?)');
  }

  append(entry: Omit<LogEntry, 'seq' | 'at'>): void {
    const { operation, ...rest } = entry;
    const json = JSON.stringify({ at: new Date().toISOString(), ...rest });
    const { lastInsertRowid } = this.#insert.run(this.#system, operation, json);
    if (Number(lastInsertRowid) % 1000 === 0)
      this.#store.db
        .prepare('DELETE FROM log WHERE system = ? AND seq < ?')
        .run(this.#system, Number(lastInsertRowid) - KEEP);
  }

  /** Entries after `since`, oldest first. `match` is a regular expression over the operation's name. */
  list({ since = 0, match = '', limit = 1000 }: { since?: number; match?: string; limit?: number } = {}): LogEntry[] {
    const wanted = new RegExp(match);
    const found: LogEntry[] = [];
    for (const row of this.#store.db
      .prepare('SELECT seq, operation, json FROM log WHERE system = ? AND seq > ? ORDER BY seq')
      .iterate(this.#system, since)) {
      if (!wanted.test(String(row.operation))) continue;
      found.push({
        seq: Number(row.seq),
        operation: String(row.operation),
        ...JSON.parse(String(row.json)),
      } as LogEntry);
      if (found.length === limit) break;
    }
    return found;
  }
}
