import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, isHealthy, program } from './context.ts';
import { readJson } from './files.ts';
import type { Part } from './part.ts';
import { saying } from './say.ts';
import { played, settingsOf } from './stand-ins.ts';

/** What sandbox/main.ts writes when all of it is up. */
interface Endpoints {
  controlUrl: string;
  env: Record<string, Record<string, string>>;
  urls: Record<string, Record<string, string>>;
}

/** The stand-ins for outside systems, in one process. */
export async function sandboxPart(context: Context, env: Record<string, string>): Promise<Part> {
  const dir = join(context.dataDir, 'sandbox');
  const file = join(dir, 'endpoints.json');
  rmSync(file, { force: true });
  const child = program(context, {
    name: 'sandbox',
    script: context.scripts.sandbox,
    env: {
      ...context.env,
      ...env,
      SANDBOX_DIR: dir,
      SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${context.apiPort}/api/payments/stripe/webhook`,
    },
    stopWithinMs: 5000,
    probe: async () => {
      const written = readJson<Endpoints>(file);
      return written !== undefined && isHealthy(written.controlUrl);
    },
  });
  await saying(context.say, 'Starting the sandbox', child.start());
  const { controlUrl, env: bySystem, urls } = readJson<Endpoints>(file)!;
  const standIns = played(context.env);
  return {
    env: { ...settingsOf(bySystem, standIns), STAND_INS: standIns.join(',') },
    addresses: { controlUrl, urls },
    child,
  };
}
