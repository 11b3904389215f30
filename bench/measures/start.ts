import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ROOT } from '../../scripts/launch/context.ts';
import type { Measured } from '../figure.ts';

/** `npm start` on the data of a platform that was stopped, until it says that it is ready. */
export async function measureStart(env: NodeJS.ProcessEnv): Promise<Measured> {
  const began = performance.now();
  // A group of its own, as a terminal gives it: the signal reaches npm and the launcher alike.
  const npm = spawn('npm', ['start'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const gone = once(npm, 'exit');
  let seconds: number | undefined;
  for await (const line of createInterface({ input: npm.stdout })) {
    if (!line.startsWith('Ready after')) continue;
    seconds = (performance.now() - began) / 1000;
    process.kill(-npm.pid!, 'SIGTERM');
  }
  await gone;
  if (seconds === undefined) return { figures: [], wrong: ['the second npm start did not become ready'] };
  return { figures: [{ name: 'second npm start', value: seconds, unit: 's', aim: { most: 10 } }] };
}
