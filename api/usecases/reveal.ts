import { AppError } from '../../core/app-error.ts';
import { revealSecret } from '../../db/queries/secrets.ts';
import type { Context } from '../context.ts';
import { change } from './change.ts';

/** Shows a generated password once; afterwards it is gone for good. */
export function reveal(
  ctx: Context,
  secret: { id: string | null | undefined; action: string; resourceId: string },
): Promise<string> {
  return change(ctx, async (tx) => {
    const clear = secret.id ? await revealSecret(tx.em, ctx.seal, secret.id) : undefined;
    if (clear === undefined)
      throw new AppError('ALREADY_REVEALED', 'It was shown before, or was never generated here.');
    tx.audit(secret.action, secret.resourceId);
    return clear;
  });
}
