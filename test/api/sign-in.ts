import { Secret, TOTP } from 'otpauth';
import type { Deps } from '../../activities/deps.ts';
import { createActivities } from '../../activities/index.ts';
import { openDatabase } from '../../db/config.ts';
import { Notification } from '../../db/entities/index.ts';
import type { OutgoingMail } from '../../providers/smtp/port.ts';
import type { Api } from './support.ts';

/** As an authenticator app shows it, `steps` of 30 s from now. */
export const codeOf = (secret: string, steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });

/** The worker's part of mails: what was written for an address is sent by the activity, and lands here. */
export async function postOffice(api: Api) {
  const orm = await openDatabase({ url: api.config.DATABASE_URL, pool: 2 });
  const sent: OutgoingMail[] = [];
  const mailer = { send: async (mail: OutgoingMail) => void sent.push(mail) };
  const { sendNotice } = createActivities({ em: () => orm.em.fork(), config: api.config, mailer } as unknown as Deps);

  /** Sends what waits for an address; answers the tokens of its links, oldest first. */
  async function deliver(recipient: string): Promise<string[]> {
    const waiting = { recipient, sentAt: null, refusal: null };
    for (const { id: targetId, tenantId } of await api.orm.em
      .fork()
      .find(Notification, waiting, { orderBy: { id: 1 } }))
      await sendNotice({ targetId, tenantId } as Parameters<typeof sendNotice>[0]);
    return sent
      .filter(({ to }) => to === recipient)
      .map(({ text }) => /\/password#([\w-]{43})/.exec(text)?.[1] ?? text);
  }

  return { sent, deliver, close: () => orm.close(true) };
}
