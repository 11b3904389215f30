// npm run bench [-- --orders 500 --runs 3 --in-flight 50 --rows 1000000 --only orders]: measures a whole platform of its own, prints what
// it got beside what it aims at, and writes it to .data/bench. Fails on wrong results only, never on a missed aim.
import { join } from 'node:path';
import { ROOT } from '../scripts/launch/context.ts';
import { exitWith } from '../scripts/launch/failure.ts';
import { writeJson } from '../scripts/launch/files.ts';
import { stopSignal } from '../scripts/launch/stop-signal.ts';
import { inFolder, interruption } from '../scripts/stage/folder.ts';
import { type Stage, startStage } from '../scripts/stage/stage.ts';
import type { Measured } from './figure.ts';
import { machine } from './machine.ts';
import { measureApi } from './measures/api.ts';
import { measureDelivery } from './measures/delivery.ts';
import { measureLists } from './measures/lists.ts';
import { measureOrders } from './measures/orders.ts';
import { measureStart } from './measures/start.ts';
import { measureWebhook } from './measures/webhook.ts';
import { type MeasureName, type Options, readOptions } from './options.ts';
import { residentMb } from './processes.ts';
import { report } from './report.ts';

/** A storage that answers at once needs no lines before it: what is measured is mpanel. */
const NO_LINES = { PROXMOX_CLONES_PER_TEMPLATE: '1000', PROXMOX_CLONES_PER_STORAGE: '1000' };

const RESULTS = join(ROOT, '.data/bench');
const UNDER_LOAD: Record<Exclude<MeasureName, 'start'>, (stage: Stage, options: Options) => Promise<Measured>> = {
  orders: measureOrders,
  delivery: measureDelivery,
  api: measureApi,
  webhook: measureWebhook,
  lists: measureLists,
};

const signal = stopSignal();
try {
  const options = readOptions(process.argv.slice(2));
  const result = await inFolder(RESULTS, (dataDir) => measureAll(dataDir, options));
  console.log(`\n${report(result.machine, result)}`);
  const file = join(RESULTS, `${result.date.replaceAll(':', '-')}.json`);
  writeJson(file, result);
  console.log(`\nWritten to ${file}`);
  process.exit(result.wrong.length ? 1 : 0);
} catch (error) {
  exitWith(error);
}

async function measureAll(dataDir: string, options: Options) {
  const { orders, runs, inFlight, only } = options;
  const date = new Date().toISOString();
  const parts: Measured[] = [];
  const stage = await startStage(dataDir, 2 * orders * runs + inFlight, signal, NO_LINES);
  try {
    await Promise.race([underLoad(stage, options, parts), interruption(signal)]);
    const memory = residentMb(stage.platform);
    const facts = await machine(stage);
    await stage.platform.stop();
    if (only.includes('start')) parts.push(await measureStart(stage.env));
    return {
      ...{ date, machine: facts, options },
      figures: parts.flatMap(({ figures }) => figures),
      costs: { ...Object.assign({}, ...parts.map(({ costs }) => costs)), 'Resident memory after it all, MB': memory },
      wrong: parts.flatMap(({ wrong = [] }) => wrong),
    };
  } finally {
    await stage.platform.stop();
  }
}

async function underLoad(stage: Stage, options: Options, parts: Measured[]): Promise<void> {
  for (const [name, measure] of Object.entries(UNDER_LOAD)) {
    if (!options.only.includes(name as MeasureName)) continue;
    console.log(`Measuring: ${name} …`);
    parts.push(await measure(stage, options));
  }
}
