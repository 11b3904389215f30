import type { EntityManager } from '@mikro-orm/postgresql';
import type { Request } from 'express';
import { AppError, notFound } from '../../core/app-error.ts';
import { permissionsOf } from '../../core/permissions.ts';
import { sessionLives } from '../../db/queries/refresh-tokens.ts';
import { tenantExists } from '../../db/queries/tenants.ts';
import { findActiveUser } from '../../db/queries/users.ts';
import { asTenant } from '../../db/tenant-scope.ts';
import type { Caller } from '../context.ts';
import { isUuid } from './parse.ts';
import type { Tokens } from './tokens.ts';

/**
 * Who calls. The row is read again on every request: who was suspended, signed out or lost a permission is out at once,
 * not when the token ends.
 */
export async function authenticate(em: EntityManager, tokens: Tokens, req: Request): Promise<Caller> {
  const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(req.get('authorization') ?? '') ?? [];
  if (!token) throw new AppError('UNAUTHENTICATED', 'Sign in first: Authorization: Bearer <token>.');
  const { sub, tenantId, sid } = await tokens.verifyAccess(token);
  const user = await asTenant(tenantId, async () => ((await sessionLives(em, sid)) ? findActiveUser(em, sub) : null));
  if (!user) throw new AppError('UNAUTHENTICATED', 'The token is not valid.');
  return {
    userId: user.id,
    sessionId: sid,
    tenantId: await actingTenant(em, req, user),
    customerId: user.customerId ?? null,
    roles: user.roles,
    permissions: permissionsOf(user.roles, user.permissions),
  };
}

/** A platform administrator may act in a tenant by naming it; for anybody else that place does not exist. */
async function actingTenant(
  em: EntityManager,
  req: Request,
  user: { tenantId: string; roles: string[] },
): Promise<string> {
  const named = req.get('x-tenant-id') ?? req.query.tenantId;
  if (named === undefined) return user.tenantId;
  const exists = user.roles.includes('platform_admin') && isUuid(named) && (await tenantExists(em, named));
  if (!exists) throw notFound();
  return named as string;
}
