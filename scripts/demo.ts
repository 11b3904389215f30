// npm run demo [-- --exit]: the whole platform, and one order from the first request to the last proof in front of you.
// Stays up until Ctrl-C; with --exit it stops instead. The exit code is 0 only if every proof held.
import { parseArgs } from 'node:util';
import type { Login } from './demo/api.ts';
import { demoEnvironment } from './demo/environment.ts';
import { DemoFailure } from './demo/failure.ts';
import { logins } from './demo/logins.ts';
import { proveAll } from './demo/prove.ts';
import { createScreen } from './demo/screen.ts';
import { goShopping } from './demo/shop.ts';
import { exitWith, StartFailure } from './launch/failure.ts';
import { type Platform, startPlatform } from './launch/platform.ts';
import { aborted, stopSignal } from './launch/stop-signal.ts';
import { summary } from './launch/summary.ts';

const screen = createScreen(process.stdout);
const signal = stopSignal();

try {
  const stays = !exitWanted();
  const { env, admin } = demoEnvironment(process.env);
  const platform = await startPlatform({ env, signal, say: screen.line });
  try {
    const proved = await Promise.race([show(platform, env, admin), aborted(signal).then(() => false)]);
    if (stays && !signal.aborted) {
      screen.line('\nUp until Ctrl-C.');
      await aborted(signal);
    }
    process.exitCode = proved ? 0 : 1;
  } finally {
    screen.line('Stopping …');
    await platform.stop();
  }
  process.exit();
} catch (error) {
  exitWith(error);
}

function exitWanted(): boolean {
  try {
    return parseArgs({ options: { exit: { type: 'boolean', default: false } } }).values.exit;
  } catch (error) {
    throw new StartFailure((error as Error).message, 64);
  }
}

/** The main job and its proofs; whether all held. */
async function show(platform: Platform, env: NodeJS.ProcessEnv, admin: Login): Promise<boolean> {
  try {
    const bought = await goShopping({ url: platform.url, admin, screen, signal });
    screen.line('\nLooking at it from outside:');
    const verdicts = await proveAll({ ...bought, env: platform.env, mailSinkUrl: mailSink(platform) }, screen.line);
    const failed = verdicts.filter(({ holds }) => !holds).map(({ proof }) => proof);
    screen.line(failed.length ? `\nNot proved: ${failed.join(', ')}.` : `\nAll ${verdicts.length} proofs hold.`);
    screen.line(`\n${summary(platform, env)}\n${logins(admin, bought.purchase, platform.env)}`);
    return failed.length === 0;
  } catch (error) {
    if (signal.aborted) return false;
    if (!(error instanceof DemoFailure)) throw error;
    screen.line(`✗ ${error.message}`);
    return false;
  }
}

function mailSink(platform: Platform): string {
  const { urls } = platform.parts().sandbox as { urls?: Record<string, Record<string, string>> };
  return String(urls?.mail?.['mail sink']);
}
