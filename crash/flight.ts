// npm run crash:flight [-- --orders 10000 --paid 1200]: so many orders in flight, a part of them paid and on their way,
// while SIGKILL ends every process at once; prints how soon it goes on, and judges the end. docs/reliability.md.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../scripts/launch/context.ts';
import { exitWith } from '../scripts/launch/failure.ts';
import { stopSignal } from '../scripts/launch/stop-signal.ts';
import { inFolder, interruption } from '../scripts/stage/folder.ts';
import { positive } from '../scripts/stage/positive.ts';
import { startStage } from '../scripts/stage/stage.ts';
import { table } from '../scripts/stage/table.ts';
import { fly } from './fly.ts';
import { SETTINGS } from './settings.ts';

const RESULTS = join(ROOT, '.data/crash');
/**
 * Steps are tried for as long as Proxmox is away, and not shown to an operator: not so often that nothing else is done, by
 * so many guests at a time that one of them soon sees that it is back.
 */
const PATIENT = {
  ...SETTINGS,
  ...{ RETRY_SCALE: '4', STEP_ATTEMPTS: '1000000', SANDBOX_SPEED: '0', PROXMOX_CLONES_PER_STORAGE: '20' },
};

const signal = stopSignal();
try {
  const { values } = parseArgs({
    options: { orders: { type: 'string', default: '10000' }, paid: { type: 'string', default: '1200' } },
  });
  const size = { orders: positive('orders', values.orders), paid: positive('paid', values.paid) };
  mkdirSync(RESULTS, { recursive: true });
  const { figures, wrong } = await inFolder(RESULTS, async (dataDir) => {
    const stage = await startStage(dataDir, size.orders, signal, PATIENT);
    try {
      return await Promise.race([fly(stage, size), interruption(signal)]);
    } finally {
      await stage.platform.stop();
    }
  });
  console.log(`\n${table(figures)}`);
  for (const what of wrong) console.log(`\nWRONG: ${what}`);
  process.exit(wrong.length ? 1 : 0);
} catch (error) {
  exitWith(error);
}
