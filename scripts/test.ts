// npm test [-- jest arguments]: every test, first those that need no engine, two at a time, then the others one by one.
// npm run test:fast: the first half. The last line counts.
import { join } from 'node:path';
import { ROOT } from './launch/context.ts';
import { exitWith } from './launch/failure.ts';
import { findTemporal } from './launch/temporal-binary.ts';
import { clearTestDirs, makeTestDir } from './test/dirs.ts';
import { type Counts, jest } from './test/jest.ts';

const ENGINE = '/test/(e2e|temporal|launcher|bench)/';
const [first, ...rest] = process.argv.slice(2);
const fast = first === '--fast';
const wanted = fast ? rest : process.argv.slice(2);

try {
  await clearTestDirs();
  const dir = makeTestDir();
  const env: NodeJS.ProcessEnv = { ...process.env, MPANEL_TEST_DIR: dir };
  if (!fast)
    env.TEMPORAL_CLI_PATH = await findTemporal({ env: process.env, cache: join(ROOT, '.cache/bin'), say: console.log });
  const counts = await runAll(env);
  await clearTestDirs();
  const skipped = counts.skipped ? `, ${counts.skipped} skipped` : '';
  console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
  process.exit(counts.failed ? 1 : 0);
} catch (error) {
  exitWith(error);
}

async function runAll(env: NodeJS.ProcessEnv): Promise<Counts> {
  if (wanted.length && !fast) return jest(wanted, env);
  const quick = await jest([`--testPathIgnorePatterns=${ENGINE}`, ...wanted], env);
  if (fast) return quick;
  const engine = await jest(['--runInBand', `--testPathPatterns=${ENGINE}`], env);
  return {
    passed: quick.passed + engine.passed,
    failed: quick.failed + engine.failed,
    skipped: quick.skipped + engine.skipped,
  };
}
