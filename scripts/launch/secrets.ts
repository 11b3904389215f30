import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readJson, writeJson } from './files.ts';

export type Secrets = Record<'JWT_SECRET' | 'SEAL_KEY' | 'POSTGRES_PASSWORD', string>;

/** The secrets of this data folder, made on first use: 32 random bytes each, base64. */
export function secrets(dataDir: string): Secrets {
  const file = join(dataDir, 'secrets.json');
  const kept = readJson<Partial<Secrets>>(file) ?? {};
  const fresh = () => randomBytes(32).toString('base64');
  const all = {
    JWT_SECRET: kept.JWT_SECRET ?? fresh(),
    SEAL_KEY: kept.SEAL_KEY ?? fresh(),
    POSTGRES_PASSWORD: kept.POSTGRES_PASSWORD ?? fresh(),
  };
  if (Object.keys(kept).length < Object.keys(all).length) writeJson(file, all);
  return all;
}
