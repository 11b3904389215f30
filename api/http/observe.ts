import type { RequestHandler } from 'express';
import { newId } from '../../runtime/ids.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Metrics } from './metrics.ts';

/** Gives the request an id, or takes the caller's, and writes one line and one measurement when it has been answered. */
export function observe(logger: Logger, { duration }: Metrics): RequestHandler {
  return (req, res, next) => {
    const given = req.get('x-request-id');
    const requestId = given && /^[\w.-]{1,64}$/.test(given) ? given : newId();
    res.locals.requestId = requestId;
    res.set('X-Request-Id', requestId);
    const began = process.hrtime.bigint();
    res.on('close', () => {
      const seconds = Number(process.hrtime.bigint() - began) / 1e9;
      const path = req.originalUrl.split('?')[0];
      const route = (req.route as { path?: string } | undefined)?.path ?? 'none';
      // How long somebody watched is no time that we took.
      if (!/event-stream/.test(String(res.get('content-type'))))
        duration.observe({ method: req.method, route, status: res.statusCode }, seconds);
      logger.info(
        { requestId, method: req.method, path, status: res.statusCode, ms: Math.round(seconds * 1e3) },
        'request',
      );
    });
    next();
  };
}
