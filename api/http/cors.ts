import type { RequestHandler } from 'express';

/** Lets browsers of the listed origins call; every other origin gets no permission at all. */
export function cors(origins: readonly string[]): RequestHandler {
  return (req, res, next) => {
    res.vary('Origin');
    const origin = req.get('origin');
    const allowed = origin !== undefined && origins.includes(origin);
    if (allowed) {
      res.set({
        'Access-Control-Allow-Origin': origin,
        // The one cookie under /api says which browser began a sign-in by a provider; nobody is signed in by it.
        'Access-Control-Allow-Credentials': 'true',
        'Access-Control-Expose-Headers':
          'X-Request-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After',
      });
    }
    if (req.method !== 'OPTIONS' || !req.get('access-control-request-method')) return next();
    if (allowed)
      res.set({
        'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
        'Access-Control-Allow-Headers':
          'Authorization, Content-Type, Idempotency-Key, X-Tenant-Id, X-Request-Id, Last-Event-ID',
        'Access-Control-Max-Age': '600',
      });
    res.status(204).end();
  };
}
