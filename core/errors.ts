/**
 * What a failed call to an outside system tells about its effect. Everything above decides by this alone.
 * - refused: it said no for good (bad parameter, name taken, template gone); nothing happened; asking again is useless
 * - denied: our own credentials or rights are not enough; nothing happened; an operator must act
 * - absent: the thing named is definitely not there
 * - conflict: the thing to be made is already there, ours or another's: look
 * - busy: not now (lock, rate limit, no quorum); nothing happened; ask again, after `retryAfterMs` where given
 * - unavailable: it could not be reached; nothing happened
 * - unknown: the answer was lost or unclear; the effect may have happened: look before repeating
 */
export type ProviderErrorKind = 'refused' | 'denied' | 'absent' | 'conflict' | 'busy' | 'unavailable' | 'unknown';

export interface ProviderErrorFields {
  provider: string;
  operation: string;
  kind: ProviderErrorKind;
  /** For operators and logs; may name hosts and ids, never a secret. */
  detail: string;
  /** The provider's own code where it has one: HTTP status, EPP result code, ACME problem type, Stripe code. */
  code?: string;
  retryAfterMs?: number;
  cause?: unknown;
}

export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly provider: string;
  readonly operation: string;
  readonly kind: ProviderErrorKind;
  readonly detail: string;
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(fields: ProviderErrorFields) {
    super(`${fields.provider} ${fields.operation}: ${fields.detail}`, { cause: fields.cause });
    this.provider = fields.provider;
    this.operation = fields.operation;
    this.kind = fields.kind;
    this.detail = fields.detail;
    this.code = fields.code;
    this.retryAfterMs = fields.retryAfterMs;
  }
}

/** A step that can never be done: undo and refund. The reason is shown to the customer. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/**
 * A step that waits for the world: tried again after `ms`, and after longer where it was waited for before, but at least
 * every `most` where that is given; shown with its reason meanwhile.
 */
export class NotNow extends Error {
  override readonly name = 'NotNow';
  readonly ms: number;
  readonly most: number | undefined;

  constructor(reason: string, ms: number, most?: number) {
    super(reason);
    this.ms = ms;
    this.most = most;
  }
}
