import { backup, DatabaseSync } from 'node:sqlite';
import { engineFile } from '../launch/temporal-release.ts';
import { exists } from './files.ts';

/** More pages than there are: all in one step, which is one transaction that writers neither wait for nor disturb. */
const ALL_PAGES = 2 ** 30;

/** Copies the embedded server's database as it is at one moment, while it goes on. False where there is none. */
export async function copyEngine(dataDir: string, to: string): Promise<boolean> {
  const from = engineFile(dataDir);
  if (!exists(from)) return false;
  const database = new DatabaseSync(from, { readOnly: true, timeout: 30_000 });
  try {
    await backup(database, to, { rate: ALL_PAGES });
  } finally {
    database.close();
  }
  return true;
}
