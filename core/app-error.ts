/** Every refusal the product knows, with its HTTP status. One catalogue; a contract only words its envelope. */
export const ERROR_STATUS = {
  MALFORMED_REQUEST: 400,
  INVALID_QUERY: 400,
  INVALID_SIGNATURE: 400,
  UNAUTHENTICATED: 401,
  INVALID_CREDENTIALS: 401,
  FORBIDDEN: 403,
  SIGN_IN_REFUSED: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  EMAIL_TAKEN: 409,
  SKU_TAKEN: 409,
  HOSTNAME_TAKEN: 409,
  DOMAIN_TAKEN: 409,
  MAILBOX_TAKEN: 409,
  PRODUCT_IN_USE: 409,
  WRONG_STATE: 409,
  JOB_RUNNING: 409,
  NOTHING_BLOCKED: 409,
  CANNOT_DECIDE: 409,
  TOO_MANY_UNPAID_ORDERS: 409,
  RECORD_MANAGED: 409,
  ALREADY_REVEALED: 410,
  LINK_EXPIRED: 410,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  VALIDATION_FAILED: 422,
  COUPON_INVALID: 422,
  AMOUNT_UNPAYABLE: 422,
  IDEMPOTENCY_KEY_REUSED: 422,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  PROVIDER_FAILED: 502,
  STARTING: 503,
  UNAVAILABLE: 503,
  PROVIDER_TIMEOUT: 504,
} as const;
export type ErrorCode = keyof typeof ERROR_STATUS;

/** A refusal meant for the caller: `message` and `details` are shown, so they name nothing that is not the caller's. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.status = ERROR_STATUS[code];
    this.details = details;
  }
}

/** The same answer for what does not exist and for what the caller may not know of. */
export const notFound = () => new AppError('NOT_FOUND', 'There is no such resource.');

/** A value that is of the right shape but cannot be used; `path` leads to it in the request's body. */
export const invalid = (path: (string | number)[], message: string) =>
  new AppError('VALIDATION_FAILED', `${path.join('.')}: ${message}`, { issues: [{ path, message }] });
