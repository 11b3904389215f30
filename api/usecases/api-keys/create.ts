import { AppError, invalid } from '../../../core/app-error.ts';
import { holds, isPermission } from '../../../core/permissions.ts';
import { ApiKey } from '../../../db/entities/index.ts';
import { newId } from '../../../runtime/ids.ts';
import { hashToken, newToken } from '../../../runtime/token.ts';
import type { Context } from '../../context.ts';
import { change } from '../change.ts';
import { ownTenant } from './own-tenant.ts';

export interface ApiKeyWish {
  name: string;
  scopes: string[];
  expiresAt?: string | undefined;
}

/** What every key begins with, so that one that leaked is recognised. */
const MARK = 'mpk_';
/** Shown in lists, so that people tell their keys apart. */
const PREFIX_LENGTH = MARK.length + 6;

/** A key that may do what its owner may, as far as its scopes go. The secret is answered this once. */
export async function createApiKey(ctx: Context, wish: ApiKeyWish): Promise<{ key: ApiKey; secret: string }> {
  const { name, scopes } = wish;
  await ownTenant(ctx);
  const expiresAt = wish.expiresAt === undefined ? null : new Date(wish.expiresAt);
  if (expiresAt && expiresAt <= new Date()) throw invalid(['expiresAt'], 'is over');
  for (const [index, scope] of scopes.entries()) {
    if (!isPermission(scope)) throw invalid(['scopes', index], 'there is no such permission');
    if (!holds(ctx.caller.permissions, scope)) throw new AppError('FORBIDDEN', `You may not give ${scope}.`);
  }
  const secret = MARK + newToken();
  return change(ctx, async ({ em, audit }) => {
    const key = em.create(ApiKey, {
      id: newId(),
      tenantId: ctx.scope.tenantId,
      userId: ctx.caller.userId,
      createdAt: new Date(),
      name,
      scopes: [...new Set(scopes)],
      prefix: secret.slice(0, PREFIX_LENGTH),
      hash: hashToken(secret),
      expiresAt,
    });
    audit('api_key.created', key.id, { name, scopes, expiresAt: wish.expiresAt ?? null });
    return { key, secret };
  });
}
