import { ConnectionException, DeadlockException, UniqueConstraintViolationException } from '@mikro-orm/postgresql';

/** Name of the unique index that refused a row; undefined for every other error. */
export function violatedIndex(error: unknown): string | undefined {
  return error instanceof UniqueConstraintViolationException
    ? (error as Error & { constraint?: string }).constraint
    : undefined;
}

/** The database was not reached, or went away in the middle. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof ConnectionException) return true;
  // Class 08: connection; 57P01-03: shut down, crashed, starting up (PostgreSQL, appendix A).
  return /^(08...|57P0[123]|ECONNREFUSED|ECONNRESET)$/.test(codeOf(error));
}

/** The transaction was ended so that another one could go on, and did nothing (40P01 deadlock_detected). */
export const isDeadlock = (error: unknown): boolean => error instanceof DeadlockException;

/** There is no such table yet, or it is open to no process yet (42P01 undefined_table, 42501 insufficient_privilege). */
export function isNotThere(error: unknown): boolean {
  return ['42P01', '42501'].includes(codeOf(error));
}

/** The server answers, but does not let the login act for a tenant (scoped-connections.ts). */
export function isScopeRefused(error: unknown): boolean {
  return codeOf(error) === SCOPE_REFUSED;
}

/** In the place of an SQLSTATE. */
export const SCOPE_REFUSED = 'SCOPE_REFUSED';

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
