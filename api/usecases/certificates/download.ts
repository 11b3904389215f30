import { AppError } from '../../../core/app-error.ts';
import { findOwnCertificate } from '../../../db/queries/certificate-views.ts';
import { openSecret } from '../../../db/queries/secrets.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';

/** Chain, leaf first, and private key as PEM: for what serves the name where we cannot write it ourselves. */
export function downloadCertificate(ctx: Context, id: string): Promise<string> {
  return change(ctx, async (tx) => {
    const { chain, keySecretId, domain } = seen(ctx, await findOwnCertificate(tx.em, ctx.scope, id));
    if (!chain || !keySecretId) throw new AppError('WRONG_STATE', 'It has not been issued yet.');
    tx.audit('certificate.downloaded', id, { domain });
    const key = await openSecret(tx.em, ctx.seal, keySecretId);
    return `${chain.trimEnd()}\n${key.trimEnd()}\n`;
  });
}
