import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readJson, writeJson } from './files.ts';

export interface Secrets {
  JWT_SECRET: string;
  SEAL_KEY: string;
  /** Seal keys before that one, with commas between; empty where there was none. */
  SEAL_KEYS_OTHER: string;
  /** When SEAL_KEY was made by {@link renewSealKey}; ISO 8601. Empty: at the first start. */
  SEAL_KEY_SINCE: string;
  POSTGRES_PASSWORD: string;
}

/** 32 random bytes in base64. */
export const freshKey = () => randomBytes(32).toString('base64');

export const secretsFile = (dataDir: string) => join(dataDir, 'secrets.json');

/** The secrets of this data folder, made on first use. */
export function secrets(dataDir: string): Secrets {
  const file = secretsFile(dataDir);
  const kept = readJson<Partial<Secrets>>(file) ?? {};
  const all = {
    JWT_SECRET: kept.JWT_SECRET ?? freshKey(),
    SEAL_KEY: kept.SEAL_KEY ?? freshKey(),
    SEAL_KEYS_OTHER: kept.SEAL_KEYS_OTHER ?? '',
    SEAL_KEY_SINCE: kept.SEAL_KEY_SINCE ?? '',
    POSTGRES_PASSWORD: kept.POSTGRES_PASSWORD ?? freshKey(),
  };
  if (Object.keys(kept).length < Object.keys(all).length) writeJson(file, all);
  return all;
}

/** Puts a fresh seal key in the place of this folder's, which from now on only opens. The next start takes it up. */
export function renewSealKey(dataDir: string): void {
  const { SEAL_KEY, SEAL_KEYS_OTHER, ...rest } = secrets(dataDir);
  const others = [SEAL_KEY, SEAL_KEYS_OTHER].filter(Boolean).join(',');
  const fresh = { SEAL_KEY: freshKey(), SEAL_KEYS_OTHER: others, SEAL_KEY_SINCE: new Date().toISOString() };
  writeJson(secretsFile(dataDir), { ...rest, ...fresh });
}

/** What API and workers are told of them. */
export function secretSettings({ JWT_SECRET, SEAL_KEY, SEAL_KEYS_OTHER }: Secrets): Record<string, string> {
  return { JWT_SECRET, SEAL_KEY, SEAL_KEYS_OTHER };
}
