import { exitWith } from './failure.ts';
import { type PlatformOptions, startPlatform } from './platform.ts';
import { aborted, stopSignal } from './stop-signal.ts';
import { summary } from './summary.ts';

/** Runs the platform until it is asked to stop, and ends the process: 0, or ≠ 0 with one sentence where it cannot start. */
export async function serve(options: Omit<PlatformOptions, 'signal'>): Promise<never> {
  const signal = stopSignal();
  const since = Date.now();
  try {
    const platform = await startPlatform({ ...options, signal });
    console.log(summary(platform, options.env));
    console.log(`Ready after ${((Date.now() - since) / 1000).toFixed(1)} s. Ctrl-C stops it.`);
    await aborted(signal);
    console.log('Stopping …');
    await platform.stop();
    process.exit(0);
  } catch (error) {
    exitWith(error);
  }
}
