import type { MikroORM } from '@mikro-orm/postgresql';
import { openAsOwner, openDatabase } from '../../db/config.ts';
import { Tenant } from '../../db/entities/index.ts';
import { loadConfig } from '../../runtime/config.ts';
import { newId } from '../../runtime/ids.ts';
import { execute } from '../../scripts/admin/execute.ts';
import { freshDatabase } from '../support/postgres.ts';

const SECRETS = { JWT_SECRET: 'x'.repeat(32), SEAL_KEY: Buffer.alloc(32).toString('base64') };

/** A fresh database with the platform's tenant, and the admin commands on it. */
export async function openDesk(env: Record<string, string> = {}) {
  const database = await freshDatabase();
  const desk: MikroORM = await openDatabase({ url: database.url, pool: 4 });
  const orm: MikroORM = await openAsOwner({ url: database.url, pool: 4 });
  const config = loadConfig({ DATABASE_URL: database.url, ...SECRETS, ...env });
  const tenant = orm.em.fork().create(Tenant, { id: newId(), name: 'mpanel' });
  await orm.em.fork().insert(Tenant, tenant);
  return {
    url: database.url,
    tenantId: tenant.id,
    em: () => orm.em.fork(),
    /** As typed behind `npm run admin --`; quotes hold words together. */
    say: (line: string) => execute({ em: desk.em.fork(), config }, wordsOf(line)),
    /** The rows that --json prints. */
    async rows<T = Record<string, unknown>>(line: string): Promise<T> {
      const { code, text } = await execute({ em: desk.em.fork(), config }, [...wordsOf(line), '--json']);
      if (code !== 0) throw new Error(text);
      return JSON.parse(text) as T;
    },
    async close() {
      await Promise.all([desk.close(true), orm.close(true)]);
      await database.drop();
    },
  };
}

export type OpenDesk = Awaited<ReturnType<typeof openDesk>>;

const wordsOf = (line: string) =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
