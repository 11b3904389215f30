// npm run histories [-- <type>… | --all | --release]: records what is missing among the histories of the version to come,
// or replays no more; these types, or all of them; or makes them those of this version, which stay as they are.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { exitWith, StartFailure } from '../../scripts/launch/failure.ts';
import { clearTestDirs, makeTestDir } from '../../scripts/test/dirs.ts';
import { bundleWorkflows } from '../../workers/bundle.ts';
import { pathsOf, WORKFLOW_TYPES } from './paths.ts';
import { HISTORIES, NEXT, recorded } from './recorded.ts';
import { release } from './release.ts';
import { replay } from './replay.ts';
import { shoot, type Wanted } from './studio/shoot.ts';

const args = process.argv.slice(2);
try {
  if (args[0] === '--release') release();
  else await record(await wanted(args));
  process.exit();
} catch (error) {
  exitWith(error);
}

async function wanted(types: string[]): Promise<Wanted[]> {
  const every = WORKFLOW_TYPES.flatMap((type) => (pathsOf(type) ?? []).map((path) => ({ type, path })));
  if (types[0] === '--all') return every;
  if (types.length) return every.filter(({ type }) => types.includes(type));
  const next = recorded().filter(({ version }) => version === NEXT);
  const stale = await replay(await bundleWorkflows(), next);
  for (const file of stale.keys()) rmSync(join(HISTORIES, file));
  const there = recorded();
  return every.filter((one) => !there.some(({ type, path }) => type === one.type && path === one.path));
}

async function record(takes: Wanted[]): Promise<void> {
  console.log(takes.length ? `recording ${takes.length} histories` : 'all is recorded');
  if (!takes.length) return;
  await clearTestDirs();
  process.env.MPANEL_TEST_DIR = makeTestDir();
  const left = await shoot(takes).finally(clearTestDirs);
  for (const failure of left) console.log(failure);
  if (left.length)
    throw new StartFailure(`${left.length} could not be recorded; test/replay/studio says how each is played.`);
}
