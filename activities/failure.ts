import { ApplicationFailure } from '@temporalio/common';
import { NotNow, ProviderError, Refused } from '../core/errors.ts';
import { FAILURE, type WaitDetail } from '../workflows/contract.ts';

/** A Retry-After beyond this is waited for by the workflow, durably, not by the retries of an activity. */
const LONG_WAIT_MS = 60_000;

/** What a failed attempt means for the workflow: decided here and nowhere else. */
export function toFailure(error: unknown): unknown {
  if (error instanceof Refused) return failure(FAILURE.refused, error.message, error);
  if (error instanceof NotNow) return waiting(error.message, error, error);
  if (error instanceof ProviderError) return ofProvider(error);
  return error;
}

function ofProvider(error: ProviderError): unknown {
  switch (error.kind) {
    case 'refused':
      return failure(FAILURE.refused, error.message, error);
    case 'denied':
      return failure(FAILURE.denied, error.message, error);
    case 'busy':
      if (error.retryAfterMs !== undefined && error.retryAfterMs > LONG_WAIT_MS)
        return waiting(error.message, { ms: error.retryAfterMs }, error);
      return again(error);
    case 'absent':
    case 'conflict':
    case 'unavailable':
    case 'unknown':
      return again(error);
  }
}

function failure(type: string, message: string, cause: Error) {
  return ApplicationFailure.create({ type, message, nonRetryable: true, cause });
}

function waiting(message: string, { ms, most }: Pick<NotNow, 'ms'> & Partial<NotNow>, cause: Error) {
  const detail: WaitDetail = { ms, ...(most === undefined ? {} : { most }) };
  return ApplicationFailure.create({
    type: FAILURE.wait,
    message,
    nonRetryable: true,
    category: 'BENIGN',
    details: [detail],
    cause,
  });
}

function again(error: ProviderError) {
  const delay = error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs };
  return ApplicationFailure.create({
    type: `${error.provider}.${error.kind}`,
    message: error.message,
    cause: error,
    ...delay,
  });
}
