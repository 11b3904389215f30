import Stripe from 'stripe';
import { ProviderError, type ProviderErrorKind } from '../../core/errors.ts';
import { retryAfterMs } from '../http.ts';

export type Effect = 'read' | 'write';

/**
 * Says in our terms what Stripe's error tells about the effect: docs.stripe.com/error-handling.
 * Anything that is not Stripe's error is a fault of ours and goes on as it is.
 */
export function failure(operation: string, effect: Effect, error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const code = error.code ?? (error.statusCode === undefined ? connectionCode(error) : String(error.statusCode));
  const retryAfter = retryAfterMs(new Headers(error.headers), Date.now());
  return new ProviderError({
    provider: 'stripe',
    operation,
    kind: kindOf(error, effect),
    detail: error.requestId ? `${error.message} (${error.requestId})` : error.message,
    ...(code ? { code } : {}),
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
    cause: error,
  });
}

function kindOf(error: InstanceType<typeof Stripe.errors.StripeError>, effect: Effect): ProviderErrorKind {
  if (error.code === 'resource_missing') return 'absent';
  const status = error.statusCode ?? 0;
  if (status === 401 || status === 403) return 'denied';
  // 409: another call with the same idempotency key is in flight. 429: too many calls, or the object is locked.
  if (status === 409 || status === 429 || error.code === 'rate_limit') return 'busy';
  if (status >= 400 && status < 500) return 'refused';
  // A 5xx or no answer at all. The SDK repeats a call whose connection was cut, so that even a refused connection
  // may be the second try of a write that arrived.
  return effect === 'read' ? 'unavailable' : 'unknown';
}

function connectionCode(error: InstanceType<typeof Stripe.errors.StripeError>): string | undefined {
  const { detail } = error as { detail?: string | { code?: string } };
  return typeof detail === 'object' ? detail.code : undefined;
}
