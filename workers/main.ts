import 'reflect-metadata';
import { createServer } from 'node:net';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { openDatabase } from '../db/config.ts';
import { requireSchema } from '../db/migrate.ts';
import { checkSealKeys } from '../db/queries/secrets.ts';
import { createKey, createRequest } from '../providers/acme/csr.ts';
import { createProviders } from '../providers/index.ts';
import { type Config, ConfigError, checkMode, keyRing, loadConfig } from '../runtime/config.ts';
import { createEngine } from '../runtime/engine.ts';
import { createLogger, type Logger } from '../runtime/logger.ts';
import { createWorkerDataConverter } from '../runtime/payloads.ts';
import { runsOf } from '../runtime/runs.ts';
import { createSeal } from '../runtime/seal.ts';
import { aborted, unlessAborted, waitFor } from '../runtime/wait.ts';
import { askQueue } from '../workflows/catalog.ts';
import { bundleWorkflows, FAILURE_CONVERTER } from './bundle.ts';
import { startDispatcher } from './dispatcher.ts';
import { serveHealth } from './health.ts';
import { stepInterceptor } from './interceptor.ts';
import { startProbes } from './probes.ts';
import { ensureSchedules } from './schedules.ts';
import { ASK_TUNING, CONNECTION_TUNING, WORKER_TUNING } from './tuning.ts';
import { unreadableTo } from './unreadable.ts';

/** The process with hands: runs workflows and activities, sends the outbox, looks after the outside systems. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  checkMode(config);
  const log = createLogger('workers', config.LOG_LEVEL);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop.abort(new Error(`${signal}: stopping`)));

  let problem: string | null = 'starting';
  const metricsPort = config.TEMPORAL_METRICS_PORT || (await freePort());
  installRuntime(metricsPort, log);
  const health = await serveHealth({
    host: config.WORKER_HOST,
    port: config.WORKER_PORT,
    metricsToken: config.METRICS_TOKEN,
    problem: async () => problem,
    sdkMetricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
  });

  const bundling = bundleWorkflows();
  const orm = await openDatabase({ url: config.DATABASE_URL, pool: config.DATABASE_POOL });
  await waitFor('the database', () => orm.em.fork().getConnection().execute('select 1'), log, stop.signal);
  await requireSchema(orm);
  const keys = keyRing(config);
  const seal = createSeal(keys);
  await checkSealKeys(orm.em.fork(), seal);
  const connection = await waitFor(
    'Temporal',
    () => NativeConnection.connect({ address: config.TEMPORAL_ADDRESS, ...CONNECTION_TUNING }),
    log,
    stop.signal,
  );
  const engine = createEngine({ ...engineOptions(config), keys });
  const providers = createProviders(config);
  await waitFor('the mail database', () => providers.mailhost.migrate(), log, stop.signal);

  const deps = {
    em: () => orm.em.fork(),
    config,
    seal,
    pki: { createKey, createRequest },
    ...providers,
    runs: runsOf(engine, config.TEMPORAL_TASK_QUEUE),
  };
  const common = {
    connection,
    namespace: config.TEMPORAL_NAMESPACE,
    activities: createActivities(deps),
    dataConverter: {
      ...createWorkerDataConverter(keys, unreadableTo(deps.em, log)),
      failureConverterPath: FAILURE_CONVERTER,
    },
    interceptors: { activity: [stepInterceptor(deps, log)] },
    shutdownGraceTime: '10s',
    shutdownForceTime: '15s',
  };
  const taskQueue = config.TEMPORAL_TASK_QUEUE;
  const workers = await Promise.all([
    Worker.create({
      ...common,
      ...WORKER_TUNING,
      taskQueue,
      workflowBundle: await unlessAborted(stop.signal, bundling),
    }),
    Worker.create({ ...common, ...ASK_TUNING, taskQueue: askQueue(taskQueue) }),
  ]);
  await unlessAborted(stop.signal, ensureSchedules(await engine.client(), config));
  const dispatcher = startDispatcher(orm, engine, log);
  const probes = startProbes(deps.em, providers, config, log);
  problem = null;
  log.info({ taskQueue }, 'ready');

  const stopped = aborted(stop.signal);
  const winding = stopped.then(() => {
    problem = 'stopping';
    probes.stop();
    return dispatcher.stop();
  });
  await Promise.all([...workers.map((worker) => worker.runUntil(stopped)), winding]);
  health.close();
  await Promise.all([
    engine.close(),
    connection.close(),
    providers.registrar.close(),
    providers.mailhost.close(),
    orm.close(true),
  ]);
  providers.mailer.close();
}

function engineOptions(config: Config) {
  return {
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
  };
}

/** What the SDK says of the worker that only asks (askQueue). */
const AS_MEANT = 'No workflows registered';

// SIGTERM is ours: the runtime must not stop the worker before we say so.
function installRuntime(metricsPort: number, log: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ message, meta }) => {
      if (!message.startsWith(AS_MEANT)) log.warn({ meta }, message);
    }),
    telemetryOptions: {
      metrics: { prometheus: { bindAddress: `127.0.0.1:${metricsPort}` } },
      logging: { filter: 'WARN' },
    },
  });
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.message);
    // 78: wrong settings (sysexits.h EX_CONFIG); starting again would not help.
    process.exit(error instanceof ConfigError ? 78 : 1);
  },
);
