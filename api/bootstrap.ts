import type { EntityManager } from '@mikro-orm/postgresql';
import { Tenant, User } from '../db/entities/index.ts';
import { sql } from '../db/queries/rows.ts';
import { seedDemo } from '../db/seed.ts';
import type { Config } from '../runtime/config.ts';
import { newId } from '../runtime/ids.ts';
import { randomPassword } from './usecases/resources/random.ts';
import { hashPassword } from './usecases/sessions/passwords.ts';

const BOOTSTRAP_LOCK = 0x6d70_0002;

/**
 * Makes the platform's own tenant and its administrator where there is no login at all yet, and what SEED asks for. Two
 * processes starting at once make one. Answers the generated password, to be shown once.
 */
export function bootstrap(
  em: EntityManager,
  config: Config,
): Promise<{ email: string; generated: string | undefined } | undefined> {
  return em.transactional(async (tx) => {
    await sql(tx, 'select pg_advisory_xact_lock(?)', [BOOTSTRAP_LOCK]);
    if (await tx.count(User, {})) return undefined;
    const generated = config.ADMIN_PASSWORD === undefined ? randomPassword() : undefined;
    const tenant = (await tx.findOne(Tenant, { name: 'mpanel' })) ?? tx.create(Tenant, { id: newId(), name: 'mpanel' });
    tx.create(User, {
      id: newId(),
      tenantId: tenant.id,
      name: 'Administrator',
      email: config.ADMIN_EMAIL,
      passwordHash: await hashPassword(config.ADMIN_PASSWORD ?? (generated as string)),
      roles: ['platform_admin', 'admin'],
    });
    await tx.flush();
    if (config.SEED === 'demo') await seedDemo(tx, config, tenant.id);
    return { email: config.ADMIN_EMAIL, generated };
  });
}
