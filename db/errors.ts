import { ConnectionException, UniqueConstraintViolationException } from '@mikro-orm/postgresql';

/** Name of the unique index that refused a row; undefined for every other error. */
export function violatedIndex(error: unknown): string | undefined {
  return error instanceof UniqueConstraintViolationException
    ? (error as Error & { constraint?: string }).constraint
    : undefined;
}

/** The database was not reached, or went away in the middle. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof ConnectionException) return true;
  const { code = '' } = (error ?? {}) as { code?: unknown };
  // Class 08: connection; 57P01-03: shut down, crashed, starting up (PostgreSQL, appendix A).
  return typeof code === 'string' && /^(08...|57P0[123]|ECONNREFUSED|ECONNRESET)$/.test(code);
}
