import type { EntityManager } from '@mikro-orm/postgresql';
import type { Request } from 'express';
import { AppError, notFound } from '../../core/app-error.ts';
import { permissionsOf, within } from '../../core/permissions.ts';
import { useApiKey } from '../../db/queries/api-keys.ts';
import { tenantExists } from '../../db/queries/tenants.ts';
import { findActiveUser, findSignedIn, type Login } from '../../db/queries/users.ts';
import { asTenant } from '../../db/tenant-scope.ts';
import type { Caller } from '../context.ts';
import { isUuid } from './parse.ts';
import type { Tokens } from './tokens.ts';

const API_KEY = /^mpk_/;

type Recognised = Pick<Caller, 'sessionId' | 'keyId' | 'roles' | 'permissions'> & { user: Login };

/**
 * Who calls. The row is read again on every request: who was suspended, signed out or lost a permission is out at once,
 * not when the token ends.
 */
export async function authenticate(em: EntityManager, tokens: Tokens, req: Request): Promise<Caller> {
  const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(req.get('authorization') ?? '') ?? [];
  if (!token) throw new AppError('UNAUTHENTICATED', 'Sign in first: Authorization: Bearer <token>.');
  const recognised = await (API_KEY.test(token) ? byKey(em, token) : bySession(em, tokens, token));
  if (!recognised) throw new AppError('UNAUTHENTICATED', 'The token is not valid.');
  const { user, ...caller } = recognised;
  const tenantId = await actingTenant(em, req, user.tenantId, caller.roles);
  return { userId: user.id, customerId: user.customerId ?? null, tenantId, ...caller };
}

async function bySession(em: EntityManager, tokens: Tokens, token: string): Promise<Recognised | undefined> {
  const { sub, tenantId, sid: sessionId } = await tokens.verifyAccess(token);
  const user = await asTenant(tenantId, () => findSignedIn(em, sub, sessionId));
  if (!user) return undefined;
  const permissions = permissionsOf(user.roles, user.permissions);
  return { user, sessionId, keyId: null, roles: user.roles, permissions };
}

/** A key has no role: what only a role gives, acting in other tenants and making administrators, is not for programs. */
async function byKey(em: EntityManager, secret: string): Promise<Recognised | undefined> {
  const key = await useApiKey(em, secret);
  const user = key && (await asTenant(key.tenantId, () => findActiveUser(em, key.userId)));
  if (!user) return undefined;
  const permissions = within(permissionsOf(user.roles, user.permissions), key.scopes);
  return { user, sessionId: null, keyId: key.id, roles: [], permissions };
}

/** A platform administrator may act in a tenant by naming it; for anybody else that place does not exist. */
async function actingTenant(em: EntityManager, req: Request, own: string, roles: string[]): Promise<string> {
  const named = req.get('x-tenant-id') ?? req.query.tenantId;
  if (named === undefined) return own;
  const exists = roles.includes('platform_admin') && isUuid(named) && (await tenantExists(em, named));
  if (!exists) throw notFound();
  return named as string;
}
