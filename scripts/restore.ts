// npm run restore -- --from DIR: brings a backup back into a DATA_DIR without databases. docs/backup.md says the rest.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { restoreBackup } from './backup/read.ts';
import { ROOT } from './launch/context.ts';
import { exitWith, StartFailure } from './launch/failure.ts';

try {
  const { from } = parseArgs({ options: { from: { type: 'string' } } }).values;
  if (!from) throw new StartFailure('Say which: npm run restore -- --from DIR', 64);
  const dataDir = resolve(ROOT, process.env.DATA_DIR || '.data');
  const { createdAt, version, temporal } = await restoreBackup(process.env, dataDir, from);
  console.log(`Restored ${dataDir} to ${createdAt} (mpanel ${version}).`);
  if (!temporal)
    console.log('Temporal is not in it: bring its own backup back, made shortly before this one, before you start.');
  console.log('npm start goes on with what was under way, after a look at what the providers did since.');
} catch (error) {
  exitWith(error);
}
