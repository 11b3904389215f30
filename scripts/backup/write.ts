import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Config, keyRing } from '../../runtime/config.ts';
import { VERSION } from '../../runtime/version.ts';
import { withClient } from '../launch/database.ts';
import { asStartFailure, StartFailure } from '../launch/failure.ts';
import { writeJson } from '../launch/files.ts';
import { TEMPORAL } from '../launch/temporal-release.ts';
import { dumpDatabase } from './dump.ts';
import { copyEngine } from './engine.ts';
import { exists, measureFiles, tree } from './files.ts';
import { FORMAT, type Manifest, manifestFile } from './manifest.ts';
import { copyServer, isEmbedded, majorVersion } from './postgres.ts';

/**
 * Writes a backup into a folder that is not there yet. Temporal is copied before the databases: what its copy does not
 * know, the outbox still does; the other way round rows would be missing of what runs believe to have done.
 * Until it is complete its folder has another name and no manifest.
 * @throws StartFailure; nothing is left behind then
 */
export async function writeBackup(config: Config, dataDir: string, target: string): Promise<Manifest> {
  const dir = resolve(target);
  if (exists(dir) && readdirSync(dir).length)
    throw new StartFailure(`${dir} is not empty: name a folder for this backup alone.`);
  const partial = `${dir}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  try {
    const manifest = await fill(config, dataDir, partial);
    writeJson(manifestFile(partial), manifest);
    await promisify(execFile)('sync');
    rmSync(dir, { recursive: true, force: true });
    renameSync(partial, dir);
    return manifest;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw asStartFailure(error, partial);
  }
}

async function fill(config: Config, dataDir: string, dir: string): Promise<Manifest> {
  const { DATABASE_URL: url, MAIL_DATABASE_URL: mailUrl } = config;
  const createdAt = new Date().toISOString();
  const known = await ofDatabase(config);
  const temporal = (await copyEngine(dataDir, join(dir, 'temporal.db'))) ? TEMPORAL.server : null;
  const databases = [['DATABASE_URL', url] as const, ...(mailUrl ? [['MAIL_DATABASE_URL', mailUrl] as const] : [])];
  const embedded = await Promise.all(databases.map(([, of]) => isEmbedded(of, dataDir)));
  if (embedded.some(Boolean)) await copyServer(url, dataDir, join(dir, 'postgres'));
  const dumped = databases.filter((_, at) => !embedded[at]);
  for (const [setting, of] of dumped) await dumpDatabase(setting, of, join(dir, `${setting}.dump`));
  return {
    ...{ format: FORMAT, version: VERSION, createdAt, ...known },
    postgres: embedded.some(Boolean)
      ? { major: await majorVersion(url), platform: `${process.platform}-${process.arch}` }
      : null,
    dumps: dumped.map(([setting]) => setting),
    temporal,
    files: await measureFiles(
      dir,
      tree(dir).filter((path) => !path.endsWith('/')),
    ),
  };
}

/** Read before anything is copied, so that no start or signal falls between. */
function ofDatabase(config: Config): Promise<Pick<Manifest, 'schema' | 'keyIds' | 'outbox'>> {
  const ring = keyRing(config);
  return withClient(config.DATABASE_URL, async (client) => {
    const column = async (sql: string) => (await client.query<{ value: string }>(sql)).rows.map(({ value }) => value);
    const [since = ''] = await column('select now() as value');
    const sealing = await column('select distinct key_id as value from secret');
    return {
      schema: await column('select name as value from mikro_orm_migrations order by id'),
      // Histories are encrypted with the current key and those before it.
      keyIds: [...new Set([ring.current.id, ...ring.others.map(({ id }) => id), ...sealing])],
      outbox: {
        since: new Date(since).toISOString(),
        waiting: await column("select id as value from outbox where state = 'pending' order by id"),
      },
    };
  });
}
