import type { EntityManager } from '@mikro-orm/postgresql';
import { ApiKey, MailedToken, Notification, RefreshToken, User } from '../entities/index.ts';
import { asPlatform } from '../tenant-scope.ts';
import { removeIdentities } from './oidc.ts';
import { findRow, listRows, type PageQuery, type Scope, sql, withTenant } from './rows.ts';
import { dropFactor } from './second-factors.ts';

/** A login that may be used now, by id: neither it nor its tenant is suspended. */
export function findActiveUser(em: EntityManager, id: string): Promise<User | null> {
  return findRow(em, User, active(id));
}

/** Of a login, what every request of it is judged by. */
export type Login = Pick<User, 'id' | 'tenantId' | 'customerId' | 'roles' | 'permissions'>;

/**
 * The login of a sign-in that was not ended: none of its tokens is revoked before all are. Every request asks this, so it
 * is written out: the query builder takes longer than the database.
 */
export async function findSignedIn(em: EntityManager, id: string, familyId: string): Promise<Login | null> {
  const [login] = await sql<Login>(
    em,
    `select u.id, u.tenant_id as "tenantId", u.customer_id as "customerId", u.roles, u.permissions
       from users u join tenant t on t.id = u.tenant_id
      where u.id = ? and u.status = 'active' and t.status = 'active'
        and exists (select from refresh_token where family_id = ? and revoked_at is null)`,
    [id, familyId],
  );
  return login ?? null;
}

const active = (id: string) => ({ id, status: 'active', tenantId: { status: 'active' } });

/** Of whichever tenant. */
export function findUserByEmail(em: EntityManager, email: string): Promise<User | null> {
  return asPlatform('who signs in has no tenant yet', async () => {
    const [row] = await sql<{ id: string }>(em, 'select id from users where lower(email) = lower(?)', [email]);
    return row ? em.findOne(User, { id: row.id }) : null;
  });
}

/** Logins are the staff's business: a customer's login has no permission to come here. */
export const findUser = (em: EntityManager, scope: Scope, id: string) => findRow(em, User, withTenant(scope, { id }));

export const listUsers = (em: EntityManager, scope: Scope, page: PageQuery) =>
  listRows(em, User, withTenant(scope), page);

/** Ends every session of a login, but for the one that is named. */
export async function revokeSessions(
  em: EntityManager,
  userId: string,
  butFamilyId: string | null = null,
): Promise<void> {
  const others = butFamilyId === null ? {} : { familyId: { $ne: butFamilyId } };
  await em.nativeUpdate(RefreshToken, { userId, revokedAt: null, ...others }, { revokedAt: new Date() });
}

/** Forgets a login with its sessions. What it was still to be mailed has nobody to go to. */
export async function removeUser(em: EntityManager, id: string): Promise<void> {
  const unsent = { userId: id, sentAt: null, refusal: null };
  await em.nativeUpdate(Notification, unsent, { refusal: 'the login was deleted' });
  await em.nativeDelete(MailedToken, { userId: id });
  await dropFactor(em, id);
  await removeIdentities(em, id);
  await em.nativeDelete(ApiKey, { userId: id });
  await em.nativeDelete(RefreshToken, { userId: id });
  await em.nativeDelete(User, { id });
}
