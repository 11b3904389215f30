import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM } from '@mikro-orm/postgresql';
import { entities } from './entities/index.ts';
import { reclaimBroken } from './pool.ts';

export interface DatabaseOptions {
  url: string;
  /** Connections this process may hold. */
  pool?: number;
}

/** Options of the ORM; connects lazily, so that a process may start before its database. */
export function ormOptions({ url, pool = 10 }: DatabaseOptions) {
  return defineConfig({
    clientUrl: url,
    entities,
    extensions: [Migrator],
    pool: { min: 0, max: pool },
    driverOptions: { onPoolCreated: reclaimBroken },
    forceUtcTimezone: true,
    migrations: {
      path: new URL('./migrations', import.meta.url).pathname,
      snapshot: false,
      silent: true,
      emit: 'ts',
      transactional: true,
      allOrNothing: true,
      disableForeignKeys: false,
    },
  });
}

export async function openDatabase(options: DatabaseOptions): Promise<MikroORM> {
  return MikroORM.init({ ...ormOptions(options), ensureDatabase: false });
}
