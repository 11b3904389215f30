// npm run fuzz [-- --examples 100 --seed S --no-coverage]: a property-based fuzzer asks for everything that the API's document
// tells of, and for what it does not. Exits with 1 where an answer is none that the document promises. docs/testing.md.
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../../scripts/launch/context.ts';
import { exitWith } from '../../scripts/launch/failure.ts';
import { positive } from '../../scripts/stage/positive.ts';
import { clearTestDirs } from '../../scripts/test/dirs.ts';
import setup from '../support/global-setup.ts';
import teardown from '../support/global-teardown.ts';
import { faults, followed, report, seldom, unreached } from './report.ts';
import { fuzz } from './run.ts';

const RESULTS = join(ROOT, '.data/fuzz');
try {
  const { values } = parseArgs({
    options: {
      examples: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(randomInt(1, 2 ** 31)) },
      'no-coverage': { type: 'boolean', default: false },
    },
  });
  const { 'no-coverage': less } = values;
  const [examples, seed] = [positive('examples', values.examples), positive('seed', values.seed)];
  console.log(`npm run fuzz -- --examples ${examples} --seed ${seed}${less ? ' --no-coverage' : ''}`);
  mkdirSync(RESULTS, { recursive: true });
  const dir = mkdtempSync(join(RESULTS, 'run-'));
  await clearTestDirs();
  await setup();
  const outcomes = await fuzz({ examples, rows: 8, seed, coverage: !less, dir }, console.log).finally(teardown);
  console.log(report(outcomes));
  const never = unreached(outcomes.administrator).map((name) => `${name} never answered with success.`);
  const still = followed(outcomes).links ? [] : ['No link of the document was followed.'];
  const wrong = [...faults(outcomes), ...never, ...seldom(outcomes, examples), ...still];
  for (const fault of wrong) console.log(`\n${fault}`);
  console.log(
    `\n${wrong.length ? 'Not what the document promises, see above' : 'All as the document promises'}; ${dir}`,
  );
  process.exit(wrong.length ? 1 : 0);
} catch (error) {
  exitWith(error);
}
