/** What Stripe answers instead of a result: docs.stripe.com/api/errors. */
export interface ErrorBody {
  type: 'invalid_request_error' | 'card_error' | 'idempotency_error' | 'api_error';
  message: string;
  code?: string;
  param?: string;
  [more: string]: unknown;
}

export class StripeRefusal extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.status = status;
    this.body = body;
  }
}

/** 400 for a request that cannot be meant; `param` in bracket notation. */
export function invalid(message: string, param?: string, code?: string): StripeRefusal {
  return new StripeRefusal(400, {
    ...(code ? { code, doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}` } : {}),
    message,
    ...(param ? { param } : {}),
    type: 'invalid_request_error',
  });
}

/** 404 where the path names nothing, 400 where a parameter does. */
export function missing(object: string, id: string, param: string, status: 400 | 404): StripeRefusal {
  const { body } = invalid(`No such ${object}: '${id}'`, param, 'resource_missing');
  return new StripeRefusal(status, body);
}
