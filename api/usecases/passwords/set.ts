import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../core/app-error.ts';
import { type MailedToken, User } from '../../../db/entities/index.ts';
import { audit } from '../../../db/queries/audit.ts';
import { findMailedToken, useMailedToken } from '../../../db/queries/mailed-tokens.ts';
import { lockRow } from '../../../db/queries/rows.ts';
import { forgiveEverywhere } from '../../../db/queries/sign-in-guard.ts';
import { revokeSessions } from '../../../db/queries/users.ts';
import { asPlatform } from '../../../db/tenant-scope.ts';
import type { Anonymous } from '../../context.ts';
import { inNameOf } from '../sessions/open.ts';
import { hashPassword } from './hash.ts';

/**
 * Sets the password of the login that a mailed link is for, once: after a reset, or to accept an invitation. All its
 * sessions end, and attempts that failed are forgotten.
 */
export async function setPassword(ctx: Anonymous, wish: { token: string; password: string }): Promise<void> {
  const found = await findMailedToken(ctx.em, wish.token);
  if (!found) throw refused();
  const passwordHash = await hashPassword(wish.password);
  const user = await inNameOf(ctx, found.userId, () =>
    asPlatform('who follows a link in a mail has no tenant yet', () =>
      ctx.em.transactional((em) => set(em, found, passwordHash)),
    ),
  );
  await forgiveEverywhere(ctx.em, user.email);
}

async function set(em: EntityManager, found: MailedToken, passwordHash: string): Promise<User> {
  const user = await lockRow(em, User, { id: found.userId, status: found.right === 'reset' ? 'active' : 'invited' });
  if (!user || !(await useMailedToken(em, found))) throw refused();
  await em.nativeUpdate(User, { id: user.id }, { passwordHash, status: 'active' });
  await revokeSessions(em, user.id);
  const { id, tenantId } = user;
  const action = found.right === 'reset' ? 'user.password_reset' : 'user.invitation_accepted';
  audit(em, { tenantId, action, resourceType: 'user', resourceId: id });
  return user;
}

const refused = () => new AppError('LINK_EXPIRED', 'The link was used before, or is too old. Ask for another one.');
