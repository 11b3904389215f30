import { chownSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createKeyRing } from '../../runtime/keys.ts';
import { account } from '../launch/account.ts';
import { StartFailure } from '../launch/failure.ts';
import { makeFolder, readJson, writeJson } from '../launch/files.ts';
import { postgresHome } from '../launch/postgres-binary.ts';
import { ProcessTable } from '../launch/process-table.ts';
import { restoringFile } from '../launch/restoring.ts';
import { type Secrets, secrets, secretsFile } from '../launch/secrets.ts';
import { engineFile, TEMPORAL } from '../launch/temporal-release.ts';
import { mustBeEmpty, restoreDatabase } from './dump.ts';
import { copyFile, exists, tree } from './files.ts';
import { type File, type Manifest, readManifest } from './manifest.ts';
import { putRight } from './rewind.ts';
import { runOnCopy, serverMajor } from './single-user.ts';

/** What may lie in the folder before: the machine's own keys, ports and logs, and the stand-ins, which are the outside. */
const MAY_BE_THERE = new Set(['secrets.json', 'ports.json', 'logs', 'sandbox', 'processes.json', 'restoring.json']);
const MIGRATIONS = join(import.meta.dirname, '../../db/migrations');

/**
 * Brings a backup back into a data folder without databases (and databases without tables). A restore that was cut off
 * keeps mpanel from starting, and is begun anew by the next.
 * @throws StartFailure with what is missing
 */
export async function restoreBackup(env: NodeJS.ProcessEnv, dataDir: string, from: string): Promise<Manifest> {
  const dir = resolve(from);
  const manifest = readManifest(dir);
  mustFit(manifest);
  makeFolder(dataDir);
  if (ProcessTable.isHeld(dataDir)) throw new StartFailure(`mpanel is running on ${dataDir}: stop it first.`);
  mustHaveKeys(manifest, env, dataDir);
  clearCutOff(dataDir);
  await mustHaveRoom(manifest, env, dataDir);
  writeJson(restoringFile(dataDir), { from: dir, createdAt: manifest.createdAt });
  await bringBack(manifest, dir, dataDir, env);
  rmSync(restoringFile(dataDir));
  return manifest;
}

function mustFit({ schema, postgres, temporal, version }: Manifest): void {
  const ours = readdirSync(MIGRATIONS).map((name) => name.replace(/\.ts$/, ''));
  const newer = schema.filter((name) => !ours.includes(name));
  if (newer.length)
    throw new StartFailure(
      `The backup is of a newer mpanel (${version}): this one does not know its schema (${newer.at(-1)}).`,
    );
  if (temporal && temporal !== TEMPORAL.server)
    throw new StartFailure(
      `The backup is of Temporal ${temporal}, this mpanel runs ${TEMPORAL.server}: restore it with the mpanel that made it.`,
    );
  if (!postgres) return;
  const here = { major: serverMajor(), platform: `${process.platform}-${process.arch}` };
  if (postgres.major !== here.major || postgres.platform !== here.platform)
    throw new StartFailure(
      `The backup is of PostgreSQL ${postgres.major} on ${postgres.platform}, here is ${here.major} on ${here.platform}: restore it where it fits.`,
    );
}

function mustHaveKeys({ keyIds }: Manifest, env: NodeJS.ProcessEnv, dataDir: string): void {
  const kept = readJson<Partial<Secrets>>(secretsFile(dataDir)) ?? {};
  const given = [env.SEAL_KEY || kept.SEAL_KEY, ...`${env.SEAL_KEYS_OTHER || kept.SEAL_KEYS_OTHER || ''}`.split(',')];
  const [current = '', ...others] = given.filter((key): key is string => Boolean(key));
  const ring = createKeyRing(current, others);
  const missing = keyIds.filter((id) => !ring.has(id));
  if (missing.length)
    throw new StartFailure(
      `The backup needs the seal key ${missing.join(' and ')}: put the secrets.json of its machine into ${dataDir}, or set SEAL_KEY and SEAL_KEYS_OTHER.`,
    );
}

/** What an earlier restore had written when it ended. */
function clearCutOff(dataDir: string): void {
  if (!exists(restoringFile(dataDir))) return;
  for (const name of readdirSync(dataDir))
    if (!MAY_BE_THERE.has(name)) rmSync(join(dataDir, name), { recursive: true, force: true });
}

async function mustHaveRoom({ dumps }: Manifest, env: NodeJS.ProcessEnv, dataDir: string): Promise<void> {
  const there = readdirSync(dataDir).filter((name) => !MAY_BE_THERE.has(name));
  if (there.length)
    throw new StartFailure(
      `${dataDir} is not empty (${there.join(', ')}): a backup is restored into a DATA_DIR without databases.`,
    );
  for (const setting of dumps) await mustBeEmpty(setting, urlOf(setting, env));
}

function urlOf(setting: string, env: NodeJS.ProcessEnv): string {
  const url = env[setting];
  if (!url) throw new StartFailure(`The backup has a dump of ${setting}: set it to an empty database.`);
  return url;
}

/** Temporal's database and the server's folder get their names last, when all of it is there and put right. */
async function bringBack(manifest: Manifest, dir: string, dataDir: string, env: NodeJS.ProcessEnv): Promise<void> {
  const staged = join(dataDir, 'restored');
  for (const file of manifest.files) await copyChecked(dir, staged, file);
  const statements = putRight(manifest);
  if (manifest.postgres) {
    const server = join(staged, 'postgres');
    for (const path of tree(join(dir, 'postgres')).filter((name) => name.endsWith('/')))
      mkdirSync(join(server, path), { recursive: true, mode: 0o700 });
    hand(server, dataDir);
    const password = `alter role mpanel password '${secrets(dataDir).POSTGRES_PASSWORD}'`;
    await runOnCopy(server, manifest.dumps.includes('DATABASE_URL') ? [password] : [password, ...statements]);
  }
  for (const setting of manifest.dumps) {
    const after = setting === 'DATABASE_URL' ? statements : [];
    await restoreDatabase(setting, urlOf(setting, env), join(staged, `${setting}.dump`), after);
  }
  if (manifest.temporal) renameSync(join(staged, 'temporal.db'), engineFile(dataDir, manifest.temporal));
  if (manifest.postgres) renameSync(join(staged, 'postgres'), join(dataDir, 'postgres'));
  rmSync(staged, { recursive: true, force: true });
}

async function copyChecked(dir: string, to: string, { path, size, sha256 }: File): Promise<void> {
  if (!exists(join(dir, path))) throw new StartFailure(`The backup is damaged: ${path} is missing.`);
  const copied = await copyFile(join(dir, path), join(to, path));
  if (copied.size !== size || copied.sha256 !== sha256)
    throw new StartFailure(`The backup is damaged: ${path} is not what was written.`);
}

/** PostgreSQL's account must own its files. */
function hand(server: string, dataDir: string): void {
  const { owner } = account(join(dataDir, 'postgres'), [join(dataDir, 'postgres'), postgresHome()]);
  if (!owner) return;
  for (const path of ['', ...readdirSync(server, { recursive: true, encoding: 'utf8' })])
    chownSync(join(server, path), owner.uid, owner.gid);
}
