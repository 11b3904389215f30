import { setTimeout as wait } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openDatabase } from '../db/config.ts';
import { isScopeRefused } from '../db/errors.ts';
import { requireSchema } from '../db/migrate.ts';
import { checkSealKeys } from '../db/queries/secrets.ts';
import { ConfigError, checkMode, keyRing, loadConfig } from '../runtime/config.ts';
import { createEngine } from '../runtime/engine.ts';
import { createLogger, type Logger } from '../runtime/logger.ts';
import { createSeal } from '../runtime/seal.ts';
import { createApp, type Readiness } from './app.ts';
import { bootstrap } from './bootstrap.ts';
import { createLive } from './realtime/live.ts';
import { drain, listen } from './server.ts';

const RETRY_MS = 500;
const CLOSE_MS = 3_000;

/** The API process. Serves 503 until its database is there, and ends with one sentence where it cannot serve at all. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  if (config.MPANEL_MODE === 'live') checkMode(config);
  const logger = createLogger('api', config.LOG_LEVEL);
  const orm = await openDatabase({ url: config.DATABASE_URL, pool: config.DATABASE_POOL });
  const keys = keyRing(config);
  const engine = createEngine({
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    keys,
  });
  const readiness: Readiness = { ready: false };
  const seal = createSeal(keys);
  const live = createLive(config, logger);
  const app = createApp({ orm, config, engine, seal, logger, live }, readiness);
  const { server, port } = await listen(app, { host: config.HOST, port: config.PORT });

  let stopping = false;
  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    // What was cut off may still hold a connection of the database, which is not waited for.
    setTimeout(() => process.exit(1), config.STOP_SECONDS * 1000 + CLOSE_MS).unref();
    await Promise.all([drain(server, config.STOP_SECONDS * 1000), live.close()]);
    await engine.close();
    await orm.close(true);
  }
  process.once('SIGTERM', stop).once('SIGINT', stop);

  await database(orm, logger, () => stopping);
  if (stopping) return;
  await checkSealKeys(orm.em.fork(), seal);
  const admin = await bootstrap(orm.em.fork(), config);
  if (admin?.generated) console.log(`administrator: ${admin.email} password: ${admin.generated}`);
  readiness.ready = true;
  logger.info({ host: config.HOST, port, mode: config.MPANEL_MODE, standIns: config.STAND_INS }, 'serving');
}

/** Waits for the database, however long that takes. Throws where its schema is not this version's. */
async function database(orm: MikroORM, logger: Logger, stopping: () => boolean): Promise<void> {
  for (let told = false; !stopping(); await wait(RETRY_MS)) {
    if (await answers(orm)) break;
    if (!told) logger.warn('waiting for the database');
    told = true;
  }
  if (stopping()) return;
  await requireSchema(orm);
}

async function answers(orm: MikroORM): Promise<boolean> {
  try {
    await orm.em.fork().getConnection().execute('select 1');
    return true;
  } catch (error) {
    if (isScopeRefused(error)) throw new ConfigError((error as Error).message);
    // Said once by the caller: it does not matter here why it is not there yet.
    return false;
  }
}

main().catch((error: Error & { code?: string }) => {
  const taken = error.code === 'EADDRINUSE' ? `the port is in use by another program (${error.message})` : undefined;
  console.error(
    `mpanel-api: ${taken ?? (error instanceof ConfigError ? error.message : (error.stack ?? error.message))}`,
  );
  // 78: wrong settings (sysexits.h EX_CONFIG); starting again would not help.
  process.exit(error instanceof ConfigError ? 78 : 1);
});
