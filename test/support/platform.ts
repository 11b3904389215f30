import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { PartName, Scripts } from '../../scripts/launch/context.ts';
import { startPlatform } from '../../scripts/launch/platform.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import { freshDatabase } from './postgres.ts';
import { freshNamespace } from './temporal.ts';

export interface TestPlatformOptions {
  /** Settings over the usual ones of tests. */
  env?: Record<string, string>;
  /** Factor on everything that takes time at the stand-ins; 0 answers at once. */
  speed?: number;
  only?: readonly PartName[];
  /** Servers of its own, so that PostgreSQL and Temporal can be killed too. */
  ownServers?: boolean;
  scripts?: Partial<Scripts>;
}

/** What the waits between attempts and the log are in tests. */
// The reconciler would mend what a test has broken: it runs where a test asks for it.
export const QUICK = { RETRY_SCALE: '0.02', LOG_LEVEL: 'warn', RECONCILE_SECONDS: '0' };
/** The mail host's database is one of the tests' server, and still a stand-in plays it. */
export const PLAYED = { STAND_INS: 'mail' };

/**
 * The whole platform for one test, as real processes on a database and a Temporal namespace of its own.
 * `kill(part)` is SIGKILL and leaves the part down until `start(part)`; a process that a test kills itself is started again.
 */
export async function startTestPlatform(options: TestPlatformOptions = {}) {
  const dataDir = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'platform-'));
  const servers = options.ownServers ? undefined : await onSharedServers();
  const { PATH, HOME, CI, TEMPORAL_CLI_PATH } = process.env;
  const platform = await startPlatform({
    env: {
      ...{ PATH, HOME, CI, TEMPORAL_CLI_PATH, DATA_DIR: dataDir, PORT: String(await freePort()) },
      ...{ SANDBOX_SPEED: String(options.speed ?? 0), ...QUICK, ...PLAYED, ...servers?.env, ...options.env },
    },
    ...(options.only ? { only: options.only } : {}),
    ...(options.scripts ? { scripts: options.scripts } : {}),
    // Servers that a test kills must know afterwards what they knew.
    durable: options.ownServers ?? false,
    say: () => {},
  });
  const sandbox = platform.parts().sandbox as
    | { controlUrl: string; urls: Record<string, Record<string, string>> }
    | undefined;
  return {
    ...{ url: platform.url, dataDir, env: platform.env, parts: () => platform.parts() },
    /** The sandbox's control port and the addresses of its parts. */
    controlUrl: sandbox?.controlUrl ?? '',
    urls: sandbox?.urls ?? {},
    kill: (part: PartName) => platform.kill(part),
    start: (part: PartName) => platform.start(part),
    async restart(part: PartName) {
      await platform.kill(part);
      await platform.start(part);
    },
    async stop() {
      await platform.stop();
      await servers?.drop();
    },
  };
}

/** Databases and a namespace of its own on the run's servers, as settings. */
export async function onSharedServers() {
  const [main, mail, engine] = await Promise.all([freshDatabase(), freshDatabase({ empty: true }), freshNamespace()]);
  return {
    env: {
      DATABASE_URL: main.url,
      MAIL_DATABASE_URL: mail.url,
      TEMPORAL_ADDRESS: engine.address,
      TEMPORAL_NAMESPACE: engine.namespace,
    },
    drop: () => Promise.all([main.drop(), mail.drop()]),
  };
}
