import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StartFailure } from './failure.ts';

/** Runs statements on one connection. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  // A server that stops ends the connection; the statement under way says so.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function answers(url: string): Promise<boolean> {
  return withClient(url, (client) => client.query('SELECT 1')).then(
    () => true,
    () => false,
  );
}

/** Makes those of the databases that are missing. */
export async function ensureDatabases(adminUrl: string, names: string[]): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    const have = new Set(rows.map((row) => row.datname));
    for (const name of names)
      if (!have.has(name)) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  });
}

/**
 * Waits up to five seconds for a database that somebody else runs.
 * @throws StartFailure naming its address, never its password
 */
export async function reachDatabase(setting: string, url: string, withinMs = 5000): Promise<void> {
  const where = address(setting, url);
  for (const until = Date.now() + withinMs; ; await sleep(250)) {
    try {
      return await withClient(url, async (client) => void (await client.query('SELECT 1')));
    } catch (error) {
      const why = (error as Error & { code?: string }).code ?? (error as Error).message;
      // Class 28: wrong login, 3D: no such database (PostgreSQL, appendix A). Waiting does not mend these.
      if (/^(28|3D)/.test(why))
        throw new StartFailure(`The database at ${where} refuses us: ${(error as Error).message} (${setting}).`);
      if (Date.now() > until)
        throw new StartFailure(`The database at ${where} does not answer (${why}); ${setting} names it.`);
    }
  }
}

function address(setting: string, url: string): string {
  if (!URL.canParse(url))
    throw new StartFailure(`${setting} is not a URL like postgres://user:password@host:5432/name.`, 78);
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || 5432}`;
}
