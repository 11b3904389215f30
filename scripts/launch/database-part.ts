import { type Context, claim } from './context.ts';
import { ensureDatabases, reachDatabase } from './database.ts';
import { StartFailure } from './failure.ts';
import type { Part } from './part.ts';
import { postgresUrl, startPostgres } from './postgres.ts';

/** PostgreSQL: DATABASE_URL where it is set, else the embedded server. The mail host has a database of its own. */
export async function databasePart(context: Context): Promise<Part> {
  const { DATABASE_URL, MAIL_DATABASE_URL } = context.env;
  return DATABASE_URL ? foreign(context, DATABASE_URL, MAIL_DATABASE_URL) : embedded(context);
}

async function embedded(context: Context): Promise<Part> {
  const server = { port: await claim(context, 'postgres', 2273), password: context.secrets.POSTGRES_PASSWORD };
  const child = await startPostgres({ ...context, ...server, databases: ['mpanel', 'mpanel_mail'] });
  return part(
    postgresUrl(server, 'mpanel'),
    context.env.MAIL_DATABASE_URL || postgresUrl(server, 'mpanel_mail'),
    child,
  );
}

async function foreign(context: Context, url: string, mailUrl: string | undefined): Promise<Part> {
  await reachDatabase('DATABASE_URL', url);
  if (mailUrl) await reachDatabase('MAIL_DATABASE_URL', mailUrl);
  if (mailUrl || context.env.MPANEL_MODE === 'live') return part(url, mailUrl);
  return part(url, await besides(url));
}

/** In the sandbox the mail host's database is made beside ours, named after it. */
async function besides(url: string): Promise<string> {
  const other = new URL(url);
  const name = `${decodeURIComponent(other.pathname.slice(1))}_mail`;
  other.pathname = `/${encodeURIComponent(name)}`;
  try {
    await ensureDatabases(url, [name]);
  } catch (error) {
    throw new StartFailure(
      `The database ${name} for the mail host cannot be made (${(error as Error).message}): set MAIL_DATABASE_URL.`,
      78,
    );
  }
  return other.href;
}

function part(url: string, mailUrl: string | undefined, child?: Part['child']): Part {
  const env = { DATABASE_URL: url, ...(mailUrl ? { MAIL_DATABASE_URL: mailUrl } : {}) };
  return { env, addresses: { url, ...(mailUrl ? { mailUrl } : {}) }, ...(child ? { child } : {}) };
}
