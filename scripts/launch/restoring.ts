import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StartFailure } from './failure.ts';

/** There while a restore into a data folder is under way. */
export const restoringFile = (dataDir: string) => join(dataDir, 'restoring.json');

/** @throws StartFailure where a restore was cut off: what there is of it is not to be run */
export function mustBeWhole(dataDir: string): void {
  if (existsSync(restoringFile(dataDir)))
    throw new StartFailure(`A restore into ${dataDir} was cut off: run npm run restore again, which begins anew.`);
}
