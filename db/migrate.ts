import { readdir } from 'node:fs/promises';
import { DeadlockException, type MikroORM } from '@mikro-orm/postgresql';
import { ConfigError } from '../runtime/config.ts';
import { auditChanges } from './audit-triggers.ts';
import { MIGRATIONS, openAsOwner } from './config.ts';
import { isNotThere } from './errors.ts';
import { secureRows } from './row-security.ts';

/**
 * Brings the schema up to date, who may see what of it and what of it is audited; answers the names of what ran. Two at once wait for each
 * other. Only for the owner of the tables.
 */
export async function migrateUp(orm: MikroORM): Promise<string[]> {
  const ran = await pastDeadlocks(() => orm.migrator.up());
  await pastDeadlocks(() => secureRows(orm.em.fork()));
  await pastDeadlocks(() => auditChanges(orm.em.fork()));
  return ran.map((migration) => migration.name);
}

const TRIES = 5;

/**
 * Who writes meanwhile may hold what this waits for, and wait for what this holds: PostgreSQL then ends one of the two, of
 * which nothing is done.
 */
async function pastDeadlocks<T>(work: () => Promise<T>, tries = TRIES): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DeadlockException) || tries === 1) throw error;
    return pastDeadlocks(work, tries - 1);
  }
}

/** Reverts everything: the tables are gone afterwards. */
export async function migrateDown(orm: MikroORM): Promise<void> {
  await orm.migrator.down({ to: 0 });
}

/** What must run before this version of the code may serve; asked as any process. */
export async function pendingMigrations(orm: MikroORM): Promise<string[]> {
  const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.ts'));
  const ran = new Set(await ranMigrations(orm));
  const names = files.map((file) => file.slice(0, -'.ts'.length)).sort();
  return names.filter((name) => !ran.has(name));
}

async function ranMigrations(orm: MikroORM): Promise<string[]> {
  try {
    const rows = await orm.em.fork().execute<{ name: string }[]>('select name from mikro_orm_migrations');
    return rows.map((row) => row.name);
  } catch (error) {
    if (isNotThere(error)) return [];
    throw error;
  }
}

/** @throws ConfigError where the schema is older than this version of the code */
export async function requireSchema(orm: MikroORM): Promise<void> {
  const pending = await pendingMigrations(orm);
  if (pending.length)
    throw new ConfigError(`the database lacks ${pending.length} migration(s) of this version: run npm run migrate`);
}

/** Statements that would make the tables equal to the entities; empty when they are. */
export async function schemaDrift(orm: MikroORM): Promise<string> {
  return (await orm.schema.getUpdateSchemaSQL({ wrap: false })).trim();
}

async function main(command = 'up') {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error('DATABASE_URL is not set: which database?');
  const orm = await openAsOwner({ url, pool: 2 });
  try {
    if (command === 'up')
      console.log((await migrateUp(orm)).map((name) => `ran ${name}`).join('\n') || 'nothing to do');
    else if (command === 'pending') console.log((await pendingMigrations(orm)).join('\n') || 'none pending');
    else throw new Error(`unknown command '${command}': up or pending`);
  } finally {
    await orm.close(true);
  }
}

if (import.meta.main)
  main(process.argv[2]).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
