// npm run admin -- COMMAND: sets up and shows what the platform sells from.
import { openDatabase } from '../db/config.ts';
import { pendingMigrations } from '../db/migrate.ts';
import { loadConfig } from '../runtime/config.ts';
import { answerAtOnce, execute, type Outcome } from './admin/execute.ts';

const words = process.argv.slice(2);

async function work(): Promise<Outcome> {
  const config = loadConfig(process.env);
  const orm = await openDatabase({ url: config.DATABASE_URL, pool: 2 });
  try {
    const pending = await pendingMigrations(orm);
    if (pending.length) return { code: 1, text: 'The database is behind this version: run npm run migrate first.' };
    return await execute({ em: orm.em.fork(), config }, words);
  } finally {
    await orm.close(true);
  }
}

try {
  const { code, text } = answerAtOnce(words) ?? (await work());
  (code === 0 ? console.log : console.error)(text);
  process.exitCode = code;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
