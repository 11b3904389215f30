import pg from 'pg';
import { classify } from './classify.ts';

/** Statements on the mail database; every failure comes out as a ProviderError. */
export class MailDatabase {
  readonly #pool: pg.Pool;

  constructor(url: string, timeoutMs: number) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: 5,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      application_name: 'mpanel mailhost',
    });
    // A connection that breaks leaves the pool by itself and fails the statement under way, if any; the event, which
    // would end the process without a listener, says nothing more.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  async read<T extends pg.QueryResultRow>(operation: string, statement: string, values: unknown[]): Promise<T[]> {
    return this.#run<T>({ operation, statement, values, write: false });
  }

  async write(operation: string, statement: string, values?: unknown[]): Promise<void> {
    await this.#run({ operation, statement, values, write: true });
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #run<T extends pg.QueryResultRow>(call: {
    operation: string;
    statement: string;
    values: unknown[] | undefined;
    write: boolean;
  }): Promise<T[]> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw classify(call.operation, error, { sent: false });
    });
    try {
      const { rows } = await client.query<T>(call.statement, call.values);
      client.release();
      return rows;
    } catch (error) {
      client.release(true);
      throw classify(call.operation, error, { sent: call.write });
    }
  }
}
