import { join, resolve } from 'node:path';
import { ConfigError, checkMode, loadConfig } from '../../runtime/config.ts';
import { apiPart, migrate, workersPart } from './app-parts.ts';
import { type Context, type PartName, ROOT, type Scripts, USUAL_PORT } from './context.ts';
import { databasePart } from './database-part.ts';
import { enginePart } from './engine-part.ts';
import { asStartFailure, StartFailure } from './failure.ts';
import { makeFolder } from './files.ts';
import type { Part } from './part.ts';
import { isFree, Ports } from './ports.ts';
import { ProcessTable } from './process-table.ts';
import { mustBeWhole } from './restoring.ts';
import { type Platform, Running } from './running.ts';
import { sandboxPart } from './sandbox-part.ts';
import type { Say } from './say.ts';
import { type Secrets, secretSettings, secrets } from './secrets.ts';
import { played } from './stand-ins.ts';
import { aborted } from './stop-signal.ts';

export interface PlatformOptions {
  /** Settings, of which DATA_DIR and PORT say where; whatever is set here is not looked for elsewhere. */
  env: NodeJS.ProcessEnv;
  /** The parts wanted; all unless given. */
  only?: readonly PartName[];
  /** Programs in place of ours. */
  scripts?: Partial<Scripts>;
  /** False where an embedded server may lose everything in a power cut: tests. */
  durable?: boolean;
  say?: Say;
  /** Stops what is there when it aborts during the start. */
  signal?: AbortSignal;
}

const ALL: readonly PartName[] = ['postgres', 'temporal', 'sandbox', 'workers', 'api'];
const SCRIPTS: Scripts = {
  migrate: join(ROOT, 'db/migrate.ts'),
  sandbox: join(ROOT, 'sandbox/main.ts'),
  workers: join(ROOT, 'workers/main.ts'),
  api: join(ROOT, 'api/main.ts'),
};

export type { Platform } from './running.ts';

/**
 * Brings the platform up on DATA_DIR, where it first clears away what a killed launcher left, and writes run.json when
 * everything answers. A part that dies is started again.
 * @throws StartFailure with one sentence for the user; nothing is left running then
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { env, only = ALL, say = console.log } = options;
  const dataDir = resolve(ROOT, env.DATA_DIR || '.data');
  const apiPort = Number(env.PORT || USUAL_PORT);
  makeFolder(dataDir);
  mustBeWhole(dataDir);
  const table = await ProcessTable.takeOver(dataDir);
  const running = new Running(dataDir, `http://127.0.0.1:${apiPort}`, table);
  const context: Context = {
    dataDir,
    apiPort,
    env,
    say,
    scripts: { ...SCRIPTS, ...options.scripts },
    secrets: secrets(dataDir),
    durable: options.durable ?? true,
    ports: new Ports(dataDir, [apiPort, Number(env.WORKER_PORT)]),
    child: (spec) => running.child(spec, say),
  };
  try {
    if (only.includes('api')) await mustBeFree('PORT', apiPort, env.HOST);
    if (only.includes('workers') && env.WORKER_PORT)
      await mustBeFree('WORKER_PORT', Number(env.WORKER_PORT), env.WORKER_HOST);
    if (only.includes('workers')) mustBeConfigured(env, context.secrets);
    await Promise.race([
      bringUp(context, new Set(only), running),
      ...(options.signal ? [interruption(options.signal)] : []),
    ]);
  } catch (error) {
    await running.stop();
    throw asStartFailure(error);
  }
  running.complete();
  return running;
}

/** What the parts would refuse, said before anything is started for them; addresses that the launcher finds stand open. */
function mustBeConfigured(env: NodeJS.ProcessEnv, own: Secrets): void {
  const found = env.DATABASE_URL ? {} : { DATABASE_URL: 'embedded', MAIL_DATABASE_URL: 'embedded' };
  try {
    const config = loadConfig({ ...secretSettings(own), ...found, ...set(env) });
    const standIns = config.MPANEL_MODE === 'live' ? [] : played(env);
    checkMode({ ...config, PROVIDERS_OFF: [...config.PROVIDERS_OFF, ...standIns] });
  } catch (error) {
    if (error instanceof ConfigError) throw new StartFailure(`${capital(error.message)}.`, 78);
    throw error;
  }
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

async function interruption(signal: AbortSignal): Promise<never> {
  await aborted(signal);
  throw new StartFailure('Stopped while starting.');
}

async function mustBeFree(setting: 'PORT' | 'WORKER_PORT', port: number, host = ''): Promise<void> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new StartFailure(`${setting} is not a port number.`, 78);
  if (!(await isFree(port, host || undefined)))
    throw new StartFailure(`Port ${port} is taken by another program: set ${setting} to a free one.`);
}

/** In the order of their needs, together where they do not need each other. */
async function bringUp(context: Context, wanted: Set<PartName>, running: Running): Promise<void> {
  const { env } = context;
  if (env.MPANEL_MODE === 'live') wanted.delete('sandbox');
  const give = async (name: PartName, part: () => Promise<Part>) => {
    if (wanted.has(name)) running.add(name, await part());
  };
  await Promise.all([
    give('temporal', () => enginePart(context)),
    give('postgres', () => databasePart(context)).then(() =>
      Promise.all([
        wanted.has('postgres') && !env.DATABASE_URL ? migrate(context, { ...env, ...running.found }) : undefined,
        give('sandbox', () => sandboxPart(context, running.found)),
      ]),
    ),
  ]);
  const paths = { DATA_DIR: context.dataDir, PORT: String(context.apiPort) };
  running.env = {
    ...secretSettings(context.secrets),
    ...running.found,
    ...set(env),
    ...paths,
    STAND_INS: running.found.STAND_INS,
  };
  await Promise.all([
    give('workers', () => workersPart(context, running.env)),
    give('api', () => apiPart(context, running.env)),
  ]);
}

/** An empty variable counts as unset. */
const set = (env: NodeJS.ProcessEnv) => Object.fromEntries(Object.entries(env).filter(([, value]) => value));
