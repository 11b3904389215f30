import { z } from 'zod';
import { ProviderError } from '../../core/errors.ts';
import type { HttpAnswer } from '../http.ts';
import { problemShape } from './problem.ts';

/** RFC 8555 7.1.1 */
export const directoryShape = z.object({
  newNonce: z.url(),
  newAccount: z.url(),
  newOrder: z.url(),
  revokeCert: z.url(),
  /** RFC 9773 4.1; absent where the CA has no ARI */
  renewalInfo: z.url().optional(),
});

export type Directory = z.infer<typeof directoryShape>;

/** RFC 8555 7.1.3 */
export const orderShape = z.object({
  status: z.enum(['pending', 'ready', 'processing', 'valid', 'invalid']),
  identifiers: z.array(z.object({ value: z.string() })),
  authorizations: z.array(z.url()),
  finalize: z.url(),
  certificate: z.url().optional(),
  expires: z.coerce.date().optional(),
  error: problemShape.optional(),
});

/** RFC 8555 8 */
export const challengeShape = z.object({
  type: z.string(),
  url: z.url(),
  status: z.enum(['pending', 'processing', 'valid', 'invalid']),
  token: z.string().default(''),
  error: problemShape.optional(),
});

/** RFC 8555 7.1.4 */
export const authorizationShape = z.object({
  identifier: z.object({ value: z.string() }),
  status: z.enum(['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked']),
  wildcard: z.boolean().default(false),
  challenges: z.array(challengeShape),
});

/** RFC 9773 4.2 */
export const renewalShape = z.object({ suggestedWindow: z.object({ start: z.coerce.date(), end: z.coerce.date() }) });

/** The answer's JSON in this shape. @throws ProviderError `unknown` after a call that had an effect, else `unavailable` */
export function parse<T>(operation: string, answer: HttpAnswer, shape: z.ZodType<T>, effect: boolean): T {
  try {
    return shape.parse(JSON.parse(answer.text));
  } catch (cause) {
    const kind = effect ? 'unknown' : 'unavailable';
    const detail = `unexpected answer of ${answer.text.length} characters`;
    throw new ProviderError({ provider: 'acme', operation, kind, detail, code: String(answer.status), cause });
  }
}
