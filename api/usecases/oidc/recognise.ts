import type { EntityManager } from '@mikro-orm/postgresql';
import type { IDToken } from 'openid-client';
import { AppError } from '../../../core/app-error.ts';
import { ApiKey, type OidcConnection, OidcIdentity, User } from '../../../db/entities/index.ts';
import { audit } from '../../../db/queries/audit.ts';
import { dropMailedTokens } from '../../../db/queries/mailed-tokens.ts';
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
  const email = verifiedEmail(connection, claims);
  const grants = connection.domains.length && email === undefined ? NOTHING : grantsOf(connection, claims);
  const user = await ctx.em.transactional(async (em) => {
    const found = await loginOf(em, connection, claims.sub, email, grants);
    return found && bring(em, connection, found, grants);
  });
  if (!user?.roles.length) throw refused('The provider vouches for you, but nothing here is open to you.');
  return user;
}

function grantsOf({ roleClaim, roleRules }: OidcConnection, claims: IDToken): Grants {
  const claimed = [claims[roleClaim]].flat();
  const rules = roleRules.filter(({ value }) => claimed.includes(value));
  const roles = [...new Set(rules.map(({ role }) => role as string))];
  return { roles, permissions: [...new Set(rules.flatMap(({ permissions }) => permissions))] };
}

/** Of the connection's domains. An address that the provider only repeats says nothing about who has it. */
function verifiedEmail({ domains }: OidcConnection, { email, email_verified }: IDToken): string | undefined {
  if (typeof email !== 'string' || email_verified !== true) return undefined;
  const verified = email.toLowerCase();
  return !domains.length || domains.includes(verified.slice(verified.lastIndexOf('@') + 1)) ? verified : undefined;
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
  const user = other ? await takeOver(em, connection, other.id, grants) : await make(em, connection, email, grants);
  if (!user) return undefined;
  const { id: userId, tenantId } = user;
  em.create(OidcIdentity, { connectionId: connection.id, subject, userId, createdAt: new Date() });
  const metadata = { connectionId: connection.id };
  audit(em, { tenantId, action: 'user.linked', resourceType: 'user', resourceId: userId, metadata });
  return user;
}

/**
 * A login that was there before. Whoever prepared it for an address that is not theirs is out: its password, links and
 * keys work no more. One of another tenant keeps its address, and an administrator of the platform answers to no provider.
 */
async function takeOver(em: EntityManager, { tenantId }: OidcConnection, id: string, { roles }: Grants) {
  const user = await lockRow(em, User, { id, tenantId });
  if (!user || !isOpen(user) || !isFor(user, roles)) return undefined;
  user.passwordHash = null;
  await dropMailedTokens(em, id);
  await revokeSessions(em, id);
  await em.nativeDelete(ApiKey, { userId: id });
  return user;
}

const isOpen = ({ status, roles }: User): boolean => status !== 'suspended' && !roles.includes('platform_admin');

const NOTHING: Grants = { roles: [], permissions: [] };

/** A customer's login is a customer's alone, and nobody else's is. */
const isFor = ({ customerId }: Pick<User, 'customerId'>, roles: readonly string[]): boolean =>
  customerId == null ? !roles.includes('customer') : roles.length === 1 && roles[0] === 'customer';

async function make(em: EntityManager, connection: OidcConnection, email: string, grants: Grants) {
  const isCustomer = grants.roles.includes('customer');
  const customerId = isCustomer ? await findCustomerByEmail(em, connection.tenantId, email) : null;
  const fields = { tenantId: connection.tenantId, name: email, email, passwordHash: null, customerId, ...grants };
  if (!isFor(fields, grants.roles)) return undefined;
  const user = em.create(User, { id: newId(), createdAt: new Date(), status: 'active', ...fields });
  await em.flush();
  return user;
}

/** Gives the login the roles of now; undefined where it is not the provider's to open. */
async function bring(
  em: EntityManager,
  connection: OidcConnection,
  user: User,
  claimed: Grants,
): Promise<User | undefined> {
  if (!isOpen(user)) return undefined;
  const { roles, permissions } = isFor(user, claimed.roles) ? claimed : NOTHING;
  const changed = JSON.stringify([user.roles, user.permissions]) !== JSON.stringify([roles, permissions]);
  if (changed) await revokeSessions(em, user.id);
  em.assign(user, { roles, permissions, status: 'active' });
  const { id, tenantId } = user;
  const metadata = { connectionId: connection.id, roles, permissions };
  const action = changed ? 'user.roles_claimed' : 'user.recognised';
  audit(em, { tenantId, action, resourceType: 'user', resourceId: id, metadata });
  return user;
}
