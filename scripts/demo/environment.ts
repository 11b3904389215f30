import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { ROOT } from '../launch/context.ts';
import { StartFailure } from '../launch/failure.ts';
import { readJson, writeJson } from '../launch/files.ts';
import type { Login } from './api.ts';

/** Half of what things take in real life: enough to watch. */
const BRISK = '0.5';

export interface DemoEnvironment {
  env: NodeJS.ProcessEnv;
  admin: Login;
}

/** The user's settings, with those that make a demo; the administrator's password is kept in DATA_DIR for the next run. */
export function demoEnvironment(given: NodeJS.ProcessEnv): DemoEnvironment {
  if (given.MPANEL_MODE === 'live')
    throw new StartFailure("The demo pays with a stand-in's money: it does not run with MPANEL_MODE=live.", 78);
  const email = given.ADMIN_EMAIL || 'admin@mpanel.test';
  const password = given.ADMIN_PASSWORD || keptPassword(resolve(ROOT, given.DATA_DIR || '.data'));
  const own = { SEED: 'demo', ADMIN_EMAIL: email, ADMIN_PASSWORD: password };
  return { env: { ...given, ...own, SANDBOX_SPEED: given.SANDBOX_SPEED || BRISK }, admin: { email, password } };
}

function keptPassword(dataDir: string): string {
  const file = join(dataDir, 'demo.json');
  const kept = readJson<{ adminPassword?: string }>(file)?.adminPassword;
  const adminPassword = kept ?? randomBytes(12).toString('base64url');
  if (!kept) writeJson(file, { adminPassword });
  return adminPassword;
}
