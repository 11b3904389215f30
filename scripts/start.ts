// npm start: the platform until Ctrl-C, SIGTERM or the end of the launcher.
import { exitWith } from './launch/failure.ts';
import { startPlatform } from './launch/platform.ts';
import { aborted, stopSignal } from './launch/stop-signal.ts';
import { summary } from './launch/summary.ts';

const signal = stopSignal();
try {
  const since = Date.now();
  const platform = await startPlatform({ env: process.env, signal });
  console.log(summary(platform, process.env));
  console.log(`Ready after ${((Date.now() - since) / 1000).toFixed(1)} s. Ctrl-C stops it.`);
  await aborted(signal);
  console.log('Stopping …');
  await platform.stop();
  process.exit(0);
} catch (error) {
  exitWith(error);
}
