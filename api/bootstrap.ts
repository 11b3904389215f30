import type { EntityManager } from '@mikro-orm/postgresql';
import { Tenant, User } from '../db/entities/index.ts';
import { sql } from '../db/queries/rows.ts';
import { seedDemo } from '../db/seed.ts';
import { asPlatform } from '../db/tenant-scope.ts';
import type { Config } from '../runtime/config.ts';
import { newId } from '../runtime/ids.ts';
import { hashPassword } from './usecases/passwords/hash.ts';
import { randomPassword } from './usecases/resources/random.ts';

const BOOTSTRAP_LOCK = 0x6d70_0002;

/**
 * Makes the platform's own tenant, its administrator where there is no login at all yet, and what SEED asks for. Two
 * processes starting at once make one. Answers the generated password, to be shown once.
 */
export function bootstrap(
  em: EntityManager,
  config: Config,
): Promise<{ email: string; generated: string | undefined } | undefined> {
  return asPlatform('the first tenant is made', () => begin(em, config));
}

function begin(em: EntityManager, config: Config) {
  return em.transactional(async (tx) => {
    await sql(tx, 'select pg_advisory_xact_lock(?)', [BOOTSTRAP_LOCK]);
    const tenantId = await platformTenant(tx);
    const admin = (await tx.count(User, {})) ? undefined : await administrator(tx, config, tenantId);
    if (config.SEED === 'demo') await seedDemo(tx, config, tenantId);
    return admin;
  });
}

async function platformTenant(tx: EntityManager): Promise<string> {
  const there = await tx.findOne(Tenant, { name: 'mpanel' }, { orderBy: { createdAt: 'asc' } });
  if (there) return there.id;
  const id = newId();
  await tx.insert(Tenant, { id, name: 'mpanel' });
  return id;
}

async function administrator(tx: EntityManager, config: Config, tenantId: string) {
  const generated = config.ADMIN_PASSWORD === undefined ? randomPassword() : undefined;
  await tx.insert(User, {
    id: newId(),
    tenantId,
    name: 'Administrator',
    email: config.ADMIN_EMAIL,
    passwordHash: await hashPassword(config.ADMIN_PASSWORD ?? (generated as string)),
    roles: ['platform_admin', 'admin'],
  });
  return { email: config.ADMIN_EMAIL, generated };
}
