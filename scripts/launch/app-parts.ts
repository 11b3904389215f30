import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Context, claim, isHealthy, program, ROOT } from './context.ts';
import { StartFailure } from './failure.ts';
import { size, takePlainLines } from './log.ts';
import type { Part } from './part.ts';
import { saying } from './say.ts';

/** Brings the embedded database's schema up to date. */
export async function migrate(context: Context, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['--disable-warning=ExperimentalWarning', context.scripts.migrate, 'up'];
  const run = promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
  try {
    await saying(context.say, 'Migrating the database', run);
  } catch (error) {
    throw new StartFailure(
      `The database cannot be migrated: ${String((error as { stderr?: string }).stderr ?? error).trim()}`,
    );
  }
}

/** The workers; ready when GET /health on WORKER_PORT answers 2xx. */
export async function workersPart(context: Context, env: NodeJS.ProcessEnv): Promise<Part> {
  const port = Number(context.env.WORKER_PORT || (await claim(context, 'workers', 2272)));
  const url = `http://127.0.0.1:${port}`;
  return app(context, 'workers', { ...env, WORKER_PORT: String(port) }, 20_000, `${url}/health`, {
    url,
    metricsUrl: `${url}/metrics`,
  });
}

/** The API; ready when GET /api/health answers 2xx. */
export async function apiPart(context: Context, env: NodeJS.ProcessEnv): Promise<Part> {
  const url = `http://127.0.0.1:${context.apiPort}`;
  const urls = { url, docsUrl: `${url}/docs`, metricsUrl: `${url}/metrics` };
  return app(context, 'api', { ...env, PORT: String(context.apiPort) }, 10_000, `${url}/api/health`, urls);
}

async function app(
  context: Context,
  name: 'workers' | 'api',
  env: NodeJS.ProcessEnv,
  stopWithinMs: number,
  health: string,
  addresses: Record<string, string>,
): Promise<Part> {
  const child = program(context, {
    name,
    script: context.scripts[name],
    env,
    stopWithinMs,
    probe: () => isHealthy(health),
  });
  const before = size(child.spec.log);
  await saying(context.say, `Starting ${name === 'api' ? 'the API' : 'the workers'}`, child.start());
  return { env: {}, addresses, notices: takePlainLines(child.spec.log, before), child };
}
