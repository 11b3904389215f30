import { randomBytes } from 'node:crypto';
import { withClient } from '../../scripts/launch/database.ts';
import { sharedServer } from './servers.ts';

export interface FreshDatabase {
  url: string;
  /** Ends what is connected and removes it. */
  drop(): Promise<void>;
}

/** A database of its own for a test, migrated unless it is to be empty, on the run's shared PostgreSQL. */
export async function freshDatabase({ empty = false }: { empty?: boolean } = {}): Promise<FreshDatabase> {
  const { url = '' } = await sharedServer('postgres');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${empty ? 'template1' : 'mpanel'}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };

  /** From another database than `mpanel`: a template must have no connections. */
  async function onServer(statement: string) {
    const admin = new URL(url);
    admin.pathname = '/postgres';
    await withClient(admin.href, (client) => client.query(statement));
  }
}

/** A database as the version before this one left it: the newest migration has not run. */
export async function databaseOfBefore(): Promise<FreshDatabase> {
  const database = await freshDatabase();
  const forget = 'delete from mikro_orm_migrations where name = (select max(name) from mikro_orm_migrations)';
  await withClient(database.url, (client) => client.query(forget));
  return database;
}
