import type { EntityManager } from '@mikro-orm/postgresql';
import { ProviderError } from '../core/errors.ts';
import { Notification } from '../db/entities/index.ts';
import { all, set } from '../db/queries/entity.ts';
import { recordSystemEvent } from '../db/queries/system-events.ts';
import { newId } from '../runtime/ids.ts';
import type { Deps } from './deps.ts';
import { withLink } from './mailed-links.ts';

/** What somebody is told by mail. `key` says on what occasion: it is told once. */
export type Notice = Pick<Notification, 'tenantId' | 'key' | 'recipient' | 'subject' | 'text'>;

/** Writes a notice down in the transaction that makes it true. */
export async function writeNotice(tx: EntityManager, notice: Notice): Promise<void> {
  const row = { id: newId(), ...notice };
  await tx.upsert(Notification, row, { onConflictAction: 'ignore', onConflictFields: ['key'] });
}

/** Sends those of them that are written and not sent. What the relay will never take holds nothing up: operators are told. */
export async function sendNotices(deps: Deps, keys: string[]): Promise<void> {
  for (const mail of await all(deps.em(), Notification, { key: { $in: keys }, sentAt: null, refusal: null })) {
    const { id, recipient: to, subject } = mail;
    const text = await withLink(deps, mail);
    const refusal = await deps.mailer.send({ id, to, subject, text }).then(() => undefined, refusalIn);
    if (refusal === undefined) await set(deps.em(), Notification, { id }, { sentAt: new Date() });
    else await giveUp(deps, mail, refusal);
  }
}

async function giveUp(deps: Deps, { id, tenantId, subject, recipient }: Notification, refusal: string): Promise<void> {
  await deps.em().transactional(async (tx) => {
    await set(tx, Notification, { id }, { refusal });
    const message = `The relay refused the mail "${subject}" to ${recipient}: ${refusal}`;
    await recordSystemEvent(tx, { type: 'mail.refused', level: 'warning', key: id, tenantId, message });
  });
}

function refusalIn(error: unknown): string {
  if (error instanceof ProviderError && error.kind === 'refused') return error.detail;
  throw error;
}
