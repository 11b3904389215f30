// node scripts/launch.mjs scripts/with-database.ts <script.ts> [arguments]: runs a script with the settings of the
// platform in DATA_DIR. Its database is used where it runs; an embedded one that does not run is up for as long as the script.
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { ROOT } from './launch/context.ts';
import { exitWith } from './launch/failure.ts';
import { readJson } from './launch/files.ts';
import { type Platform, startPlatform } from './launch/platform.ts';
import { ProcessTable } from './launch/process-table.ts';
import { secretSettings, secrets } from './launch/secrets.ts';

const [script = '', ...args] = process.argv.slice(2);
const dataDir = resolve(ROOT, process.env.DATA_DIR || '.data');

try {
  const platform = ProcessTable.isHeld(dataDir)
    ? undefined
    : await startPlatform({ env: process.env, only: ['postgres'] });
  const code = await run(platform ? platform.env : ofTheRunning());
  await platform?.stop();
  process.exit(code);
} catch (error) {
  exitWith(error);
}

function ofTheRunning(): NodeJS.ProcessEnv {
  const parts = readJson<{ parts: ReturnType<Platform['parts']> }>(join(dataDir, 'run.json'))?.parts;
  const { postgres, temporal } = parts ?? {};
  const database = { DATABASE_URL: String(postgres?.url), MAIL_DATABASE_URL: String(postgres?.mailUrl) };
  const engine = { TEMPORAL_ADDRESS: String(temporal?.address), TEMPORAL_NAMESPACE: String(temporal?.namespace) };
  return {
    ...secretSettings(secrets(dataDir)),
    ...(postgres ? database : {}),
    ...(temporal ? engine : {}),
    ...process.env,
    DATA_DIR: dataDir,
  };
}

function run(env: NodeJS.ProcessEnv): Promise<number> {
  const command = ['--disable-warning=ExperimentalWarning', join(ROOT, script), ...args];
  const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: 'inherit' });
  // Ctrl-C reaches the script as well; it ends, and then the database does.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((done) => child.once('exit', (code) => done(code ?? 1)));
}
