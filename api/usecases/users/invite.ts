import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../core/app-error.ts';
import { User } from '../../../db/entities/index.ts';
import { dropMailedTokens, houseOf, mailLink } from '../../../db/queries/mailed-tokens.ts';
import { lockRow, withTenant } from '../../../db/queries/rows.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';
import { checkReach } from './grants.ts';

/** Writes the mail that invites somebody to set their first password. Answers the outbox row of its job. */
export async function mailInvitation(em: EntityManager, user: User): Promise<string> {
  const house = await houseOf(em, user.tenantId);
  const words = `You have a login at ${house} now. Choose its password to begin:`;
  return mailLink(em, user, 'invitation', `Your login at ${house}`, words);
}

/** Invites somebody once more; the links of earlier invitations stop working. */
export function inviteAgain(ctx: Context, id: string): Promise<User> {
  return change(ctx, async ({ em, audit, send }) => {
    const user = seen(ctx, await lockRow(em, User, withTenant(ctx.scope, { id })));
    checkReach(ctx, user);
    if (user.status !== 'invited') throw new AppError('WRONG_STATE', `This login is ${user.status}, not invited.`);
    await dropMailedTokens(em, id);
    send(await mailInvitation(em, user));
    audit('user.invited', id);
    return user;
  });
}
