import type { EntityManager } from '@mikro-orm/postgresql';
import type { MailedRight } from '../../core/states.ts';
import { newId } from '../../runtime/ids.ts';
import { hashToken } from '../../runtime/token.ts';
import { LINK, MailedToken, Notification, type User } from '../entities/index.ts';
import { asPlatform } from '../tenant-scope.ts';
import { startJob } from './jobs.ts';
import { sql } from './rows.ts';

/** A mail whose link lets a login set its password, and the job that sends it. Answers the outbox row's id. */
export function mailLink(em: EntityManager, user: User, right: MailedRight, subject: string, words: string): string {
  const id = newId();
  const { id: userId, tenantId, email: recipient, name, customerId } = user;
  const text = [`Hello ${name},`, '', words, '', LINK, ''].join('\n');
  em.persist(
    em.create(Notification, { id, tenantId, key: `${right}/${userId}/${id}`, recipient, subject, text, userId, right }),
  );
  return startJob(em, { type: 'notice_send', tenantId, targetId: id, customerId: customerId ?? null }).outboxId;
}

/** How many mails of a kind a login was written since a moment. */
export function mailedSince(em: EntityManager, userId: string, right: MailedRight, since: Date): Promise<number> {
  return em.count(Notification, { userId, right, createdAt: { $gte: since } });
}

/** Of whichever tenant: what a token that can still be used lets do. */
export function findMailedToken(em: EntityManager, token: string): Promise<MailedToken | null> {
  const usable = { hash: hashToken(token), usedAt: null, expiresAt: { $gt: new Date() } };
  return asPlatform('who follows a link in a mail has no tenant yet', () => em.findOne(MailedToken, usable));
}

/** Uses a token up, and with it all others of its login; false when it was used meanwhile. */
export async function useMailedToken(em: EntityManager, { id, userId }: MailedToken): Promise<boolean> {
  const used = await em.nativeUpdate(MailedToken, { id, usedAt: null }, { usedAt: new Date() });
  if (used === 1) await dropMailedTokens(em, userId);
  return used === 1;
}

/** No link that a login was mailed works any more. */
export async function dropMailedTokens(em: EntityManager, userId: string): Promise<void> {
  await em.nativeUpdate(MailedToken, { userId, usedAt: null }, { usedAt: new Date() });
}

/** The tenant's name, as its mails say it. */
export async function houseOf(em: EntityManager, tenantId: string): Promise<string> {
  const [row] = await sql<{ name: string }>(em, 'select name from tenant where id = ?', [tenantId]);
  return row?.name ?? '';
}
