import { AppError, invalid } from '../../../core/app-error.ts';
import { OidcConnection, type RoleRule } from '../../../db/entities/index.ts';
import { endSessionsOf, forgetIdentities, removeConnection } from '../../../db/queries/oidc.ts';
import { lockRow, withTenant } from '../../../db/queries/rows.ts';
import { dropSecret, keepSecret } from '../../../db/queries/secrets.ts';
import { isHidden } from '../../../runtime/guarded-fetch.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change, given } from '../change.ts';
import { checkGrants } from '../users/grants.ts';

const PURPOSE = 'OpenID client';

export interface ConnectionWish {
  name: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  roleClaim: string;
  roleRules: RoleRule[];
  domains: string[];
}

type Changes = { [K in keyof ConnectionWish]?: ConnectionWish[K] | undefined };

/** Whoever a connection vouches for is believed: only who may do everything in the tenant decides on one. */
export async function createConnection(ctx: Context, wish: ConnectionWish): Promise<OidcConnection> {
  requireAll(ctx);
  check(ctx, wish);
  const { clientSecret, ...fields } = wish;
  const { tenantId } = ctx.scope;
  return change(ctx, async ({ em, audit }) => {
    const secretId = keepSecret(em, ctx.seal, tenantId, PURPOSE, clientSecret);
    const row = em.create(OidcConnection, { id: newId(), tenantId, secretId, createdAt: new Date(), ...fields });
    audit('oidc_connection.created', row.id, { issuer: wish.issuer, roleRules: wish.roleRules });
    return row;
  });
}

/** Changes a connection. What it let in ends, and another provider's subjects are other people. */
export function updateConnection(ctx: Context, id: string, changes: Changes): Promise<OidcConnection> {
  const { clientSecret, ...fields } = changes;
  return change(ctx, async ({ em, audit }) => {
    const row = seen(ctx, await lockRow(em, OidcConnection, withTenant(ctx.scope, { id })));
    requireAll(ctx);
    check(ctx, changes);
    if (changes.issuer !== undefined && changes.issuer !== row.issuer) await forgetIdentities(em, id);
    await endSessionsOf(em, { connectionId: id });
    const before = row.secretId;
    if (clientSecret !== undefined) row.secretId = keepSecret(em, ctx.seal, row.tenantId, PURPOSE, clientSecret);
    em.assign(row, given(fields));
    audit('oidc_connection.updated', id, { fields: Object.keys(changes) });
    await em.flush();
    if (row.secretId !== before) await dropSecret(em, before);
    return row;
  });
}

/** Its sessions end; logins stay, without this way in. */
export function deleteConnection(ctx: Context, id: string): Promise<void> {
  return change(ctx, async ({ em, audit }) => {
    const row = seen(ctx, await lockRow(em, OidcConnection, withTenant(ctx.scope, { id })));
    requireAll(ctx);
    await removeConnection(em, id);
    await dropSecret(em, row.secretId);
    audit('oidc_connection.deleted', id, { issuer: row.issuer });
  });
}

function requireAll({ caller }: Context): void {
  if (!caller.permissions.includes('*'))
    throw new AppError('FORBIDDEN', 'Only an administrator decides who vouches for others.');
}

function check(ctx: Context, { issuer, roleRules = [] }: Changes): void {
  if (issuer !== undefined) checkIssuer(ctx, issuer);
  for (const { role, permissions } of roleRules) checkGrants(ctx, { roles: [role], permissions });
}

/** Where a name leads is seen when it is asked: it may change at any time. */
function checkIssuer({ config }: Context, issuer: string): void {
  const { protocol, hostname, origin } = new URL(issuer);
  const isKnown = config.OIDC_INTERNAL.includes(origin);
  if (protocol !== 'https:' && !(protocol === 'http:' && isKnown && config.MPANEL_MODE === 'sandbox'))
    throw invalid(['issuer'], 'has to begin with https://');
  if (!isKnown && isHidden(hostname)) throw invalid(['issuer'], 'has to have a public address');
}
