import type { EntityManager } from '@mikro-orm/postgresql';
import { hashToken } from '../../runtime/token.ts';
import {
  OidcConnection,
  OidcIdentity,
  OidcLogin,
  type OidcLogout,
  OidcSession,
  OidcTicket,
  RefreshToken,
} from '../entities/index.ts';
import { asPlatform } from '../tenant-scope.ts';
import { findRow, listRows, type PageQuery, type Scope, sql, withTenant } from './rows.ts';

const REASON = 'who signs in by OpenID Connect has no tenant yet';

export const listConnections = (em: EntityManager, scope: Scope, page: PageQuery) =>
  listRows(em, OidcConnection, withTenant(scope), page);

/** Of whichever tenant, while that is not suspended. */
export const findConnection = (em: EntityManager, id: string): Promise<OidcConnection | null> =>
  asPlatform(REASON, () => findRow(em, OidcConnection, { id, tenantId: { status: 'active' } }));

export const keepLogin = (em: EntityManager, login: OidcLogin): Promise<unknown> =>
  asPlatform(REASON, () => em.insert(OidcLogin, login));

/** Takes what was kept of a browser that comes back, once: null for a state that is unknown, used or too old. */
export function takeLogin(em: EntityManager, state: string): Promise<OidcLogin | null> {
  const where = { state: hashToken(state) };
  return asPlatform(REASON, async () => {
    const row = await em.findOne(OidcLogin, where);
    return taken(row, await em.nativeDelete(OidcLogin, where));
  });
}

export const keepTicket = (em: EntityManager, ticket: Omit<OidcTicket, 'sid'> & { sid: string | null }) =>
  asPlatform(REASON, () => em.insert(OidcTicket, ticket));

export function takeTicket(em: EntityManager, code: string): Promise<OidcTicket | null> {
  const where = { hash: hashToken(code) };
  return asPlatform(REASON, async () => {
    const row = await em.findOne(OidcTicket, where);
    return taken(row, await em.nativeDelete(OidcTicket, where));
  });
}

/** Of two that come with the same key, the one that deleted the row has it. */
const taken = <T extends { expiresAt: Date }>(row: T | null, deleted: number): T | null =>
  row && deleted === 1 && row.expiresAt > new Date() ? row : null;

export const findIdentity = (em: EntityManager, connectionId: string, subject: string): Promise<OidcIdentity | null> =>
  em.findOne(OidcIdentity, { connectionId, subject });

/** The customer of the tenant with this e-mail address. */
export async function findCustomerByEmail(em: EntityManager, tenantId: string, email: string): Promise<string | null> {
  const where = `tenant_id = ? and lower(email) = lower(?) and status = 'active'`;
  const [row] = await sql<{ id: string }>(em, `select id from customer where ${where}`, [tenantId, email]);
  return row?.id ?? null;
}

/** Whether a session of ours came from a provider's. */
export const isFromProvider = async (em: EntityManager, familyId: string): Promise<boolean> =>
  (await em.count(OidcSession, { familyId })) > 0;

/** False where the token was obeyed before. */
export async function noteLogout(em: EntityManager, row: OidcLogout): Promise<boolean> {
  const rows = await sql(
    em,
    'insert into oidc_logout (connection_id, jti, expires_at) values (?, ?, ?) on conflict do nothing returning 1',
    [row.connectionId, row.jti, row.expiresAt],
  );
  return rows.length === 1;
}

/** Ends what came from a provider's: of a session of it, of a subject, or all. Answers whose sessions they were. */
export async function endSessionsOf(
  em: EntityManager,
  { connectionId, subject, sid }: { connectionId: string; subject?: string | undefined; sid?: string | undefined },
): Promise<string[]> {
  // One that the provider gave no name may be the one that is meant.
  const named = subject === undefined ? { sid } : { $or: [{ sid }, { sid: null }] };
  const where = { connectionId, ...(subject !== undefined && { subject }), ...(sid !== undefined && named) } as const;
  const sessions = await em.find(OidcSession, where);
  const familyId = { $in: sessions.map((session) => session.familyId) };
  await em.nativeUpdate(RefreshToken, { familyId, revokedAt: null }, { revokedAt: new Date() });
  await em.nativeDelete(OidcSession, { familyId });
  await em.nativeDelete(OidcTicket, where);
  return [...new Set(sessions.map(({ userId }) => userId))];
}

/** Forgets a connection with all that hangs on it; its sessions end. */
export async function removeConnection(em: EntityManager, id: string): Promise<void> {
  await endSessionsOf(em, { connectionId: id });
  await forgetIdentities(em, id);
  await em.nativeDelete(OidcConnection, { id });
}

/** Nobody is known by a connection any more: they come as if for the first time. */
export async function forgetIdentities(em: EntityManager, connectionId: string): Promise<void> {
  await em.nativeDelete(OidcIdentity, { connectionId });
}

/** Forgets how a login came in. */
export async function removeIdentities(em: EntityManager, userId: string): Promise<void> {
  for (const entity of [OidcTicket, OidcSession, OidcIdentity])
    await em.nativeDelete(entity as typeof OidcTicket, { userId });
}
