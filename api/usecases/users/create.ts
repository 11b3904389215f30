import type { EntityManager } from '@mikro-orm/postgresql';
import { User } from '../../../db/entities/index.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { change } from '../change.ts';
import { hashPassword } from '../passwords/hash.ts';
import { checkBinding, checkGrants } from './grants.ts';
import { mailInvitation } from './invite.ts';

export interface UserWish {
  name: string;
  email: string;
  /** Left out: an invitation to choose one is mailed. */
  password?: string | undefined;
  roles: string[];
  permissions?: string[] | undefined;
  customerId?: string | undefined;
}

export async function createUser(ctx: Context, wish: UserWish): Promise<User> {
  const { roles, permissions = [], customerId = null } = wish;
  checkGrants(ctx, { roles, permissions });
  await checkBinding(ctx, roles, customerId);
  const add = await userOf(ctx.scope.tenantId, wish);
  return change(ctx, async ({ em, audit, send }) => {
    const { user, outboxId } = await add(em);
    if (outboxId) send(outboxId);
    audit('user.created', user.id, { roles, customerId });
    return user;
  });
}

/** What writes a login down, with its invitation where it has no password. The hash is made before, outside of any transaction. */
export async function userOf(tenantId: string, wish: UserWish) {
  const { name, email, password, roles, permissions = [], customerId = null } = wish;
  const passwordHash = password === undefined ? null : await hashPassword(password);
  const status = passwordHash ? 'active' : 'invited';
  return async (em: EntityManager): Promise<{ user: User; outboxId: string | undefined }> => {
    const fields = { tenantId, name, email, passwordHash, roles, permissions, customerId, status } as const;
    const user = em.create(User, { id: newId(), createdAt: new Date(), ...fields });
    return { user, outboxId: passwordHash ? undefined : await mailInvitation(em, user) };
  };
}
