import { createHash } from 'node:crypto';
import { AppError } from '../../core/app-error.ts';
import { claimKey, type KeyOwner, keepAnswer, keptAnswer } from '../../db/queries/idempotency.ts';
import type { Context } from '../context.ts';

/** Visible ASCII. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** An answer as it goes over the wire. */
export interface Answer {
  status: number;
  body: string;
  /** Of routes that keep no answer. */
  headers?: Record<string, string>;
  replayed?: true;
}

interface Once {
  key: string;
  /** What must be the same for a repeat to be a repeat. */
  request: { method: string; path: string; body: unknown };
  run(ctx: Context): Promise<Answer>;
}

/**
 * Runs a request once per key. The claim, the effect and the kept answer commit together: a crash leaves all or nothing,
 * and a second request with the key waits for the first and gets its bytes. Refusals change nothing and are not kept.
 */
export async function inTransaction(ctx: Context, once: Once): Promise<Answer> {
  const { owner, fingerprint } = identify(ctx, once);
  return ctx.em.transactional(async (em) => {
    if (!(await claimKey(em, owner, fingerprint))) return replay(em, owner, fingerprint);
    const answer = await once.run({ ...ctx, em });
    await keepAnswer(em, owner, answer.status, answer.body);
    return answer;
  });
}

/** For a request that finds its own earlier effect: only the answer is kept. */
export async function keepingAnswer(ctx: Context, once: Once): Promise<Answer> {
  const { owner, fingerprint } = identify(ctx, once);
  if (await keptAnswer(ctx.em, owner)) return replay(ctx.em, owner, fingerprint);
  const answer = await once.run(ctx);
  return ctx.em.transactional(async (em) => {
    if (!(await claimKey(em, owner, fingerprint))) return replay(em, owner, fingerprint);
    await keepAnswer(em, owner, answer.status, answer.body);
    return answer;
  });
}

async function replay(em: Context['em'], owner: KeyOwner, fingerprint: string): Promise<Answer> {
  const kept = await keptAnswer(em, owner);
  if (!kept || kept.fingerprint !== fingerprint)
    throw new AppError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for another request.');
  return { status: kept.status ?? 500, body: kept.body ?? '', replayed: true };
}

function identify({ caller }: Context, { key, request }: Once) {
  if (!IDEMPOTENCY_KEY.test(key))
    throw new AppError('MALFORMED_REQUEST', 'Idempotency-Key: 1 to 255 visible ASCII characters.');
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([request.method, request.path, request.body]))
    .digest('hex');
  return { owner: { tenantId: caller.tenantId, callerId: caller.keyId ?? caller.userId, key }, fingerprint };
}
