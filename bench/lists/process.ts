import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openAsOwner } from '../../db/config.ts';
import { migrateUp } from '../../db/migrate.ts';
import { ROOT } from '../../scripts/launch/context.ts';
import { ensureDatabases } from '../../scripts/launch/database.ts';
import { StartFailure } from '../../scripts/launch/failure.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import type { Stage } from '../../scripts/stage/stage.ts';

export interface Served {
  /** Of the API, without /api. */
  url: string;
  /** Of the tables' owner. */
  databaseUrl: string;
  /** Of the API process. */
  pid: number;
  stop(): Promise<void>;
}

/** A database of its own on the stage's server, and an API process that asks it as the application's role. */
export async function serveDatabase({ platform }: Stage, name: string): Promise<Served> {
  const databaseUrl = String(platform.env.DATABASE_URL).replace(/\/\w+(?=\?|$)/, `/${name}`);
  await ensureDatabases(String(platform.env.DATABASE_URL), [name]);
  const orm = await openAsOwner({ url: databaseUrl, pool: 2 });
  await migrateUp(orm);
  await orm.close(true);
  const port = await freePort();
  const env = {
    ...platform.env,
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    SEED: 'none',
    RATE_LIMIT_LOGIN: '1000000',
  };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'api/main.ts')], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  for (; child.exitCode === null; await sleep(100)) {
    const answer = await fetch(`${url}/api/health`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return { url, databaseUrl, pid: child.pid ?? 0, stop };
  }
  throw new StartFailure(`The API on ${name} did not come up.`);

  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
}
