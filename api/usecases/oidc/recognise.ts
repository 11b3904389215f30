import type { EntityManager } from '@mikro-orm/postgresql';
import type { IDToken } from 'openid-client';
import { AppError } from '../../../core/app-error.ts';
import { type OidcConnection, OidcIdentity, User } from '../../../db/entities/index.ts';
import { audit } from '../../../db/queries/audit.ts';
import { findCustomerByEmail, findIdentity } from '../../../db/queries/oidc.ts';
import { lockRow } from '../../../db/queries/rows.ts';
import { findUserByEmail, revokeSessions } from '../../../db/queries/users.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Anonymous } from '../../context.ts';

export const refused = (message: string) => new AppError('SIGN_IN_REFUSED', message);

interface Grants {
  roles: string[];
  permissions: string[];
}

/**
 * The login of who a provider vouches for, with the roles that its claims give now. In the connection's tenant. Who has
 * none of the roles any more is let in no more, and what was open is closed.
 */
export async function recogniseClaims(ctx: Anonymous, connection: OidcConnection, claims: IDToken): Promise<User> {
  const grants = grantsOf(connection, claims);
  const email = verifiedEmail(connection, claims);
  const user = await ctx.em.transactional(async (em) => {
    const found = await loginOf(em, connection, claims.sub, email, grants);
    return found && bring(em, connection, found, grants);
  });
  if (!user || !grants.roles.length) throw refused('The provider vouches for you, but nothing here is open to you.');
  return user;
}

function grantsOf({ roleClaim, roleRules }: OidcConnection, claims: IDToken): Grants {
  const claimed = [claims[roleClaim]].flat();
  const rules = roleRules.filter(({ value }) => claimed.includes(value));
  const roles = [...new Set(rules.map(({ role }) => role as string))];
  return { roles, permissions: [...new Set(rules.flatMap(({ permissions }) => permissions))] };
}

/** An address that the provider only repeats says nothing about who has it. */
function verifiedEmail({ domains }: OidcConnection, { email, email_verified }: IDToken): string | undefined {
  const verified = typeof email === 'string' && email_verified === true ? email.toLowerCase() : undefined;
  const ours = verified !== undefined && (!domains.length || domains.includes(verified.split('@')[1] ?? ''));
  if (domains.length && !ours) throw refused('Your e-mail address is not of a domain that may sign in here.');
  return verified;
}

/** By issuer and subject; the first time by a verified address, of a login that is there or is made now. */
async function loginOf(
  em: EntityManager,
  connection: OidcConnection,
  subject: string,
  email: string | undefined,
  grants: Grants,
): Promise<User | undefined> {
  const identity = await findIdentity(em, connection.id, subject);
  if (identity) return (await lockRow(em, User, { id: identity.userId })) ?? undefined;
  if (email === undefined || !grants.roles.length) return undefined;
  const other = await findUserByEmail(em, email);
  // A login of another tenant keeps its address; an administrator of the platform answers to no tenant's provider.
  if (other && (other.tenantId !== connection.tenantId || other.roles.includes('platform_admin'))) return undefined;
  const user = other ? await lockRow(em, User, { id: other.id }) : await make(em, connection, email, grants);
  if (user) em.create(OidcIdentity, { connectionId: connection.id, subject, userId: user.id, createdAt: new Date() });
  return user ?? undefined;
}

async function make(em: EntityManager, connection: OidcConnection, email: string, grants: Grants) {
  const isCustomer = grants.roles.includes('customer');
  const customerId = isCustomer ? await findCustomerByEmail(em, connection.tenantId, email) : null;
  if (isCustomer && !customerId) return null;
  const fields = { tenantId: connection.tenantId, name: email, email, passwordHash: null, customerId, ...grants };
  const user = em.create(User, { id: newId(), createdAt: new Date(), status: 'active', ...fields });
  await em.flush();
  return user;
}

/** Gives the login the roles of now; undefined where they are none for it. */
async function bring(
  em: EntityManager,
  connection: OidcConnection,
  user: User,
  { roles, permissions }: Grants,
): Promise<User | undefined> {
  const bound = roles.length === 0 || (roles.includes('customer') && roles.length === 1) === (user.customerId != null);
  if (!bound || user.status === 'suspended' || user.roles.includes('platform_admin')) return undefined;
  const changed = JSON.stringify([user.roles, user.permissions]) !== JSON.stringify([roles, permissions]);
  if (changed) await revokeSessions(em, user.id);
  em.assign(user, { roles, permissions, status: 'active' });
  const { id, tenantId } = user;
  const metadata = { connectionId: connection.id, roles, permissions };
  const action = changed ? 'user.roles_claimed' : 'user.recognised';
  audit(em, { tenantId, action, resourceType: 'user', resourceId: id, metadata });
  return user;
}
