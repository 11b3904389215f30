import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { entities } from './entities/index.ts';
import { reclaimBroken } from './pool.ts';
import { scopeConnections } from './scoped-connections.ts';

/** The folder they lie in. */
export const MIGRATIONS = new URL('./migrations', import.meta.url).pathname;

export interface DatabaseOptions {
  url: string;
  /** Connections this process may hold. */
  pool?: number;
}

/** Options of the ORM; connects lazily, so that a process may start before its database. */
function ormOptions({ url, pool = 10 }: DatabaseOptions, onPoolCreated: (pool: Pool) => void) {
  return defineConfig({
    clientUrl: url,
    entities,
    extensions: [Migrator],
    pool: { min: 0, max: pool },
    driverOptions: { onPoolCreated },
    forceUtcTimezone: true,
    // Policies are made by row-security.ts, triggers by audit-triggers.ts and migrations, functions too.
    schemaGenerator: { ignorePolicies: true, ignoreTriggers: true, ignoreRoutines: true },
    migrations: {
      path: MIGRATIONS,
      snapshot: false,
      silent: true,
      emit: 'ts',
      transactional: true,
      allOrNothing: true,
      disableForeignKeys: false,
    },
  });
}

/** The database as processes see it: the rows of whom asTenant or asPlatform says, and none where nobody is said. */
export function openDatabase(options: DatabaseOptions): Promise<MikroORM> {
  return open(options, (pool) => {
    reclaimBroken(pool);
    scopeConnections(pool);
  });
}

/** The database as its owner sees it: for migrations, and for tests that look from outside. */
export function openAsOwner(options: DatabaseOptions): Promise<MikroORM> {
  return open(options, reclaimBroken);
}

function open(options: DatabaseOptions, onPoolCreated: (pool: Pool) => void): Promise<MikroORM> {
  return MikroORM.init({ ...ormOptions(options, onPoolCreated), ensureDatabase: false });
}
