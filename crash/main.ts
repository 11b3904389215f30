// npm run crash [-- --orders 1000 --seed S --in-flight 20 --batch 50]: orders of all sorts while parts of the platform are
// killed and stand-ins fail, all from one seed; after each batch everything that must hold is checked. docs/reliability.md.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../scripts/launch/context.ts';
import { exitWith } from '../scripts/launch/failure.ts';
import { writeJson } from '../scripts/launch/files.ts';
import { stopSignal } from '../scripts/launch/stop-signal.ts';
import { startStage } from '../scripts/stage/stage.ts';
import { campaign, type Outcome } from './campaign.ts';
import { command, type Options, readOptions } from './options.ts';
import { report } from './report.ts';
import { TARGETS } from './schedule.ts';
import { SETTINGS } from './settings.ts';

const RESULTS = join(ROOT, '.data/crash');
/** A campaign proves little unless so many kills of each target hit an order in mid-step. */
const MID_STEP_AIM = 20;

const signal = stopSignal();
try {
  const options = readOptions(process.argv.slice(2));
  console.log(`${command(options)}`);
  mkdirSync(RESULTS, { recursive: true });
  const dataDir = mkdtempSync(join(RESULTS, 'platform-'));
  const outcome = await onStage(dataDir, options);
  console.log(`\n${report(outcome)}`);
  const missed = TARGETS.filter((target) => outcome.kills[target].midStep < Math.min(MID_STEP_AIM, options.kills));
  for (const target of missed) console.log(`\nTOO FEW kills of ${target} hit an order in mid-step.`);
  if (outcome.violations.length) explain(dataDir, options, outcome);
  else rmSync(dataDir, { recursive: true, force: true });
  process.exit(outcome.violations.length || missed.length ? 1 : 0);
} catch (error) {
  exitWith(error);
}

async function onStage(dataDir: string, options: Options): Promise<Outcome> {
  const stage = await startStage(dataDir, 3 * options.orders, signal, SETTINGS);
  try {
    return await campaign(stage, options, signal);
  } finally {
    await stage.platform.stop();
  }
}

/** All that is needed to play it again, and to look into what was there. */
function explain(dataDir: string, options: Options, { evidence, violations }: Outcome): void {
  const file = join(dataDir, 'evidence.json');
  writeJson(file, { violations, ...evidence, fates: Object.fromEntries(evidence.fates) });
  console.log(`\nThe same schedule again: ${command(options)}`);
  console.log(`What was there: ${file}`);
  console.log(`Databases, stand-ins and logs: ${dataDir} (DATA_DIR=${dataDir} npm start)`);
}
