// npm run backup -- --to DIR: every database of the platform, running or not, so that npm run restore brings it back.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../runtime/config.ts';
import { writeBackup } from './backup/write.ts';
import { ROOT } from './launch/context.ts';
import { exitWith, StartFailure } from './launch/failure.ts';

try {
  const { to } = parseArgs({ options: { to: { type: 'string' } } }).values;
  if (!to) throw new StartFailure('Say where: npm run backup -- --to DIR', 64);
  const config = loadConfig(process.env);
  const since = Date.now();
  const { files, keyIds, temporal, dumps } = await writeBackup(config, resolve(ROOT, config.DATA_DIR), to);
  const megabytes = files.reduce((sum, { size }) => sum + size, 0) / 2 ** 20;
  console.log(
    [
      `Backup of ${files.length} files, ${Math.round(megabytes)} MB, in ${((Date.now() - since) / 1000).toFixed(1)} s: ${resolve(to)}`,
      `It can be read with the seal key ${keyIds.join(' and ')}, which is not in it: keep it elsewhere.`,
      ...(dumps.length ? [`Dumped from servers that are not the embedded one: ${dumps.join(', ')}.`] : []),
      ...(temporal ? [] : ['Temporal is not the embedded one: back up its database before this, by its own means.']),
    ].join('\n'),
  );
} catch (error) {
  exitWith(error);
}
