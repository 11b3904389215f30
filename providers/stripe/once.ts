import Stripe from 'stripe';

/**
 * Makes a call under an idempotency key of ours. Stripe answers a key with what it first answered, a 500 included, for
 * 24 hours: a key that is burnt so is followed by one derived from the request that burnt it, the same in every process.
 * Before that `look` asks once more whether the burnt request had its effect after all.
 */
export async function once<T>(
  key: string,
  look: () => Promise<T | undefined>,
  create: (idempotencyKey: string) => Promise<T>,
): Promise<T> {
  let current = key;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    try {
      return await create(current);
    } catch (error) {
      const burntBy = replayedFailure(error);
      if (!burntBy) throw error;
      current = `${key}:${burntBy}`;
    }
  }
}

/** The request whose 5xx was replayed; undefined for every other failure. */
function replayedFailure(error: unknown): string | undefined {
  if (!(error instanceof Stripe.errors.StripeError) || (error.statusCode ?? 0) < 500) return undefined;
  const headers = error.headers ?? {};
  return headers['idempotent-replayed'] === 'true' ? headers['original-request'] : undefined;
}
