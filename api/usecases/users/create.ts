import { User } from '../../../db/entities/index.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { change } from '../change.ts';
import { hashPassword } from '../sessions/passwords.ts';
import { checkBinding, checkGrants } from './grants.ts';

export interface UserWish {
  name: string;
  email: string;
  password: string;
  roles: string[];
  permissions?: string[] | undefined;
  customerId?: string | undefined;
}

export async function createUser(ctx: Context, wish: UserWish): Promise<User> {
  const { name, email, password, roles, permissions = [], customerId = null } = wish;
  checkGrants(ctx, { roles, permissions });
  await checkBinding(ctx, roles, customerId);
  const passwordHash = await hashPassword(password);
  return change(ctx, async ({ em, audit }) => {
    const user = em.create(User, {
      id: newId(),
      tenantId: ctx.scope.tenantId,
      createdAt: new Date(),
      name,
      email,
      passwordHash,
      roles,
      permissions,
      customerId,
    });
    audit('user.created', user.id, { roles, customerId });
    return user;
  });
}
