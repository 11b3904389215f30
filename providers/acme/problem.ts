import { z } from 'zod';
import { ProviderError, type ProviderErrorKind } from '../../core/errors.ts';
import { type HttpAnswer, retryAfterMs } from '../http.ts';

const URN = 'urn:ietf:params:acme:error:';

/** RFC 8555 6.7, RFC 9457 */
export const problemShape = z.object({
  type: z.string().default('about:blank'),
  detail: z.string().default(''),
  subproblems: z.array(z.object({ detail: z.string().default('') })).default([]),
});

type ProblemDocument = z.infer<typeof problemShape>;

/** Type and details in one sentence. */
export function sentence({ type, detail, subproblems }: ProblemDocument): string {
  const details = [detail, ...subproblems.map((one) => one.detail)].filter(Boolean);
  return `${type.replace(URN, '')}: ${details.join('; ')}`;
}

// What the type tells beyond the status; everything else goes by status.
const KINDS: Record<string, ProviderErrorKind> = {
  badNonce: 'busy',
  rateLimited: 'busy',
  orderNotReady: 'conflict',
  alreadyReplaced: 'conflict',
  alreadyRevoked: 'conflict',
  accountDoesNotExist: 'denied',
  externalAccountRequired: 'denied',
  unauthorized: 'denied',
  userActionRequired: 'denied',
};

/** Whether an error is this problem, `name` without its URN prefix. */
export function isProblem(error: unknown, name: string): error is ProviderError {
  return error instanceof ProviderError && error.code === URN + name;
}

/** The error of an answer that is none of the expected. @param effect whether the request could change something */
export function failure(operation: string, answer: HttpAnswer, effect: boolean): ProviderError {
  const problem = readProblem(answer);
  const wait = retryAfterMs(answer.headers, Date.now());
  return new ProviderError({
    provider: 'acme',
    operation,
    kind: KINDS[problem?.type.replace(URN, '') ?? ''] ?? kindOf(answer.status, effect),
    detail: problem ? sentence(problem) : `${answer.status} ${answer.reason}`,
    code: problem?.type ?? String(answer.status),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

export function readProblem(answer: HttpAnswer): ProblemDocument | undefined {
  if (!answer.headers.get('content-type')?.startsWith('application/problem+json')) return undefined;
  try {
    return problemShape.safeParse(JSON.parse(answer.text)).data;
  } catch {
    return undefined; // A body cut short: the status has to do.
  }
}

export function isBadNonce(answer: HttpAnswer): boolean {
  return answer.status === 400 && readProblem(answer)?.type === `${URN}badNonce`;
}

function kindOf(status: number, effect: boolean): ProviderErrorKind {
  if (status === 429 || status === 503) return 'busy';
  if (status === 404 || status === 410) return 'absent';
  if (status === 409) return 'conflict';
  if (status === 401 || status === 403) return 'denied';
  if (status >= 400 && status < 500) return 'refused';
  return effect ? 'unknown' : 'unavailable';
}
