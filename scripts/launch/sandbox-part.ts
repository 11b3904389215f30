import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, isHealthy, program } from './context.ts';
import { readJson } from './files.ts';
import type { Part } from './part.ts';
import { saying } from './say.ts';

/** What sandbox/main.ts writes when all of it is up. */
interface Endpoints {
  controlUrl: string;
  env: Record<string, string>;
  urls: Record<string, Record<string, string>>;
}

/** The stand-ins for outside systems, in one process. Their settings count only where the user has none. */
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
  const { controlUrl, env: own, urls } = readJson<Endpoints>(file)!;
  return { env: own, addresses: { controlUrl, urls }, child };
}
