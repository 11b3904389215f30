import { join } from 'node:path';
import { z } from 'zod';
import { StartFailure } from '../launch/failure.ts';
import { readJson } from '../launch/files.ts';

const File = z.object({ path: z.string(), size: z.number(), sha256: z.string() });
export type File = z.infer<typeof File>;

/** Shape of a backup's folder; a new number when an older restore could not read it. */
export const FORMAT = 1;

/** What is in a backup. Written last: a folder without one is no backup. */
export const Manifest = z.object({
  format: z.number(),
  /** Of mpanel. */
  version: z.string(),
  createdAt: z.iso.datetime(),
  /** Migrations that have run, oldest first. */
  schema: z.array(z.string()),
  /** Seal keys, by id, without which its secrets and histories cannot be read. */
  keyIds: z.array(z.string()),
  /** A copy of the embedded server's folder, or dumps of databases of somebody else's; both where they are mixed. */
  postgres: z.object({ major: z.number(), platform: z.string() }).nullable(),
  dumps: z.array(z.enum(['DATABASE_URL', 'MAIL_DATABASE_URL'])),
  /** Version of the embedded Temporal server; null where Temporal is somebody else's and not in here. */
  temporal: z.string().nullable(),
  /** What Temporal's copy may not know of: outbox rows since then, and those that were waiting at that moment. */
  outbox: z.object({ since: z.iso.datetime(), waiting: z.array(z.uuid()) }),
  files: z.array(File),
});
export type Manifest = z.infer<typeof Manifest>;

export const manifestFile = (dir: string) => join(dir, 'manifest.json');

/** @throws StartFailure where the folder is no backup, or of another version */
export function readManifest(dir: string): Manifest {
  const raw = readJson<{ format?: number }>(manifestFile(dir));
  if (!raw)
    throw new StartFailure(`${dir} is no backup: it has no manifest.json, which a backup gets when it is complete.`);
  if (raw.format !== FORMAT)
    throw new StartFailure(
      `The backup in ${dir} has the format ${raw.format}; this version of mpanel reads ${FORMAT}.`,
    );
  const { success, data } = Manifest.safeParse(raw);
  if (!success) throw new StartFailure(`The manifest.json in ${dir} is damaged.`);
  return data;
}
