import type { ErrorRequestHandler } from 'express';
import { AppError } from '../../core/app-error.ts';
import { isConnectionLost, isDeadlock } from '../../db/errors.ts';
import type { Logger } from '../../runtime/logger.ts';

/** Turns whatever was thrown into a contract's error body. What is not meant for the caller is logged and told as 500. */
export function handleErrors(logger: Logger, present: (error: AppError) => unknown): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    const told = asAppError(error);
    if (told !== error && told.status >= 500)
      logger.error({ err: error, requestId: res.locals.requestId as string, path: req.path }, 'request failed');
    if (res.headersSent) {
      res.destroy();
      return;
    }
    if (told.status === 401) res.set('WWW-Authenticate', 'Bearer');
    if (told.details.retryAfterSeconds !== undefined) res.set('Retry-After', String(told.details.retryAfterSeconds));
    res.status(told.status).json(present(told));
  };
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isConnectionLost(error))
    return new AppError('UNAVAILABLE', 'The database does not answer; try again in a moment.');
  if (isDeadlock(error)) {
    const message = 'Somebody else changed the same at the same time; try again in a moment.';
    return new AppError('UNAVAILABLE', message, { retryAfterSeconds: 1 });
  }
  const { type, status } = error as { type?: string; status?: number };
  if (status === 413) return new AppError('PAYLOAD_TOO_LARGE', 'The body is over 1 MiB.');
  if (status === 415) return new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json in UTF-8.');
  // body-parser and express: JSON that is none, a path with broken escapes, a client that went away half-way.
  if (type || status === 400 || error instanceof URIError)
    return new AppError('MALFORMED_REQUEST', 'The request cannot be read: malformed JSON or path.');
  return new AppError('INTERNAL', 'Something went wrong here; it has been logged under the request id.');
}
