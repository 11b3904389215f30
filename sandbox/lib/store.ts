import { DatabaseSync } from 'node:sqlite';

/**
 * What a stand-in remembers. Reads come from memory; every write goes through to an SQLite file before it returns, so
 * that a stand-in killed with SIGKILL comes back knowing what it had answered.
 */
export class Store {
  readonly #db: DatabaseSync;
  readonly #collections = new Map<string, Collection<unknown>>();

  /** @param file path of the SQLite file, or ':memory:' */
  constructor(file: string) {
    this.#db = new DatabaseSync(file);
    // synchronous=OFF: the page cache outlives the process, and a stand-in need not survive a power cut.
    this.#db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF');
    this.#db.exec(
      'CREATE TABLE IF NOT EXISTS kv (collection TEXT, id TEXT, json TEXT, PRIMARY KEY (collection, id)) WITHOUT ROWID',
    );
    this.#db.exec(
      'CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY AUTOINCREMENT, system TEXT, operation TEXT, json TEXT)',
    );
    this.#db.exec('CREATE INDEX IF NOT EXISTS log_system ON log (system, seq)');
  }

  /** A named map of JSON values; the same name gives the same map. */
  collection<T>(name: string): Collection<T> {
    const known = this.#collections.get(name);
    if (known) return known as Collection<T>;
    const made = new Collection<T>(this.#db, name);
    this.#collections.set(name, made as Collection<unknown>);
    return made;
  }

  get db(): DatabaseSync {
    return this.#db;
  }

  close(): void {
    this.#db.close();
  }
}

export class Collection<T> {
  readonly #rows = new Map<string, T>();
  readonly #put;
  readonly #remove;
  readonly #name: string;

  constructor(db: DatabaseSync, name: string) {
    this.#name = name;
    for (const row of db.prepare('SELECT id, json FROM kv WHERE collection = ? ORDER BY id').all(name))
      this.#rows.set(String(row.id), JSON.parse(String(row.json)) as T);
    this.#put = db.prepare('INSERT OR REPLACE INTO kv VALUES (?, ?, ?)');
    this.#remove = db.prepare('DELETE FROM kv WHERE collection = ? AND id = ?');
  }

  get(id: string): T | undefined {
    return this.#rows.get(id);
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  /** Writes the value; a value changed in place must be set again to be kept. */
  set(id: string, value: T): T {
    this.#put.run(this.#name, id, JSON.stringify(value));
    this.#rows.set(id, value);
    return value;
  }

  delete(id: string): boolean {
    this.#remove.run(this.#name, id);
    return this.#rows.delete(id);
  }

  values(): T[] {
    return [...this.#rows.values()];
  }

  entries(): [string, T][] {
    return [...this.#rows.entries()];
  }

  get size(): number {
    return this.#rows.size;
  }

  clear(): void {
    for (const id of [...this.#rows.keys()]) this.delete(id);
  }
}
