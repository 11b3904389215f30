import type { EntityManager } from '@mikro-orm/postgresql';
import { Notification } from '../db/entities/index.ts';
import { all, set } from '../db/queries/entity.ts';
import { newId } from '../runtime/ids.ts';
import type { Deps } from './deps.ts';

/** What somebody is told by mail. `key` says on what occasion: it is told once. */
export type Notice = Pick<Notification, 'tenantId' | 'key' | 'recipient' | 'subject' | 'text'>;

/** Writes a notice down in the transaction that makes it true. */
export async function writeNotice(tx: EntityManager, notice: Notice): Promise<void> {
  const row = { id: newId(), ...notice };
  await tx.upsert(Notification, row, { onConflictAction: 'ignore', onConflictFields: ['key'] });
}

/** Sends those of them that are written and not sent. */
export async function sendNotices(deps: Deps, keys: string[]): Promise<void> {
  for (const mail of await all(deps.em(), Notification, { key: { $in: keys }, sentAt: null })) {
    await deps.mailer.send({ id: mail.id, to: mail.recipient, subject: mail.subject, text: mail.text });
    await set(deps.em(), Notification, { id: mail.id }, { sentAt: new Date() });
  }
}
