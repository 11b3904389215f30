import { LINK, MailedToken, type Notification } from '../db/entities/index.ts';
import { panelUrl } from '../runtime/config.ts';
import { newId } from '../runtime/ids.ts';
import { hashToken, newToken } from '../runtime/token.ts';
import type { Deps } from './deps.ts';

const RESET_SECONDS = 3600;

/**
 * The mail's text with a link of its own, made only now, so that no row, job or log ever holds it. A mail that is sent
 * again after a lost answer carries another: each works until one of them was used.
 */
export async function withLink(deps: Deps, { text, userId, right }: Notification): Promise<string> {
  if (!userId || !right) return text;
  const token = newToken();
  const seconds = right === 'reset' ? RESET_SECONDS : deps.config.INVITATION_SECONDS;
  const expiresAt = new Date(Date.now() + seconds * 1000);
  await deps.em().insert(MailedToken, { id: newId(), userId, right, hash: hashToken(token), expiresAt });
  // Behind the #, which browsers send to nobody.
  return text.replace(LINK, `${panelUrl(deps.config)}/password#${token}`);
}
