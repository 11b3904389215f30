import { setTimeout as wait } from 'node:timers/promises';
import type { User } from '../../../db/entities/index.ts';
import { audit } from '../../../db/queries/audit.ts';
import { houseOf, mailedSince, mailLink } from '../../../db/queries/mailed-tokens.ts';
import { findUserByEmail } from '../../../db/queries/users.ts';
import { asTenant } from '../../../db/tenant-scope.ts';
import type { Anonymous } from '../../context.ts';

const HOUR_MS = 3600_000;
/** To one login; whoever asks for more changes nothing. */
const MAILS_AN_HOUR = 3;
/** Longer than writing a mail down takes: the time of the answer does not tell whether one was. */
const ANSWER_MS = 250;

/**
 * Mails a link for a new password to whoever has the address. Nothing of the answer tells whether somebody has it: the
 * mail is left to the dispatcher, which sends it within seconds.
 */
export async function forgetPassword(ctx: Anonymous, email: string): Promise<void> {
  await Promise.all([mail(ctx, email), wait(ANSWER_MS)]);
}

async function mail(ctx: Anonymous, email: string): Promise<void> {
  const user = await findUserByEmail(ctx.em, email);
  if (user?.status === 'active') await asTenant(user.tenantId, () => write(ctx, user));
}

async function write(ctx: Anonymous, user: User): Promise<void> {
  if ((await mailedSince(ctx.em, user.id, 'reset', new Date(Date.now() - HOUR_MS))) >= MAILS_AN_HOUR) return;
  await ctx.em.transactional(async (em) => {
    const house = await houseOf(em, user.tenantId);
    const words = `Somebody, hopefully you, asked for a new password for your login at ${house}. Set one within an hour; if it was not you, nothing has to be done:`;
    mailLink(em, user, 'reset', `A new password for ${house}`, words);
    const { id, tenantId } = user;
    audit(em, { tenantId, action: 'user.password_forgotten', resourceType: 'user', resourceId: id });
  });
}
