import { ProviderError, type ProviderErrorKind } from '../../core/errors.ts';

/** Kinds by SQLSTATE or, where no code is named, by its class (PostgreSQL documentation, appendix A). */
const KINDS: Record<string, ProviderErrorKind> = {
  '22': 'refused',
  '23': 'refused',
  '23503': 'absent', // foreign key: the mailbox's domain is not there
  '25006': 'busy', // read only: a standby before its promotion, or a full disk's safety
  '28': 'denied',
  '3D000': 'unavailable', // the database is not made yet
  '40': 'busy', // deadlock, serialization
  '42': 'denied', // no right, or no tables: somebody must migrate or grant
  '53': 'busy', // disk, memory or connections used up
  '55': 'busy', // lock not available
  '57014': 'busy', // cancelled, so rolled back
  '57P03': 'unavailable', // starting up or shutting down
};

/** @param sent whether a change was on its way: a connection that breaks then tells nothing about it */
export function classify(operation: string, error: unknown, { sent }: { sent: boolean }): ProviderError {
  const { code = 'CONNECTION', message = String(error) } = error as { code?: string; message?: string };
  const kind = KINDS[code] ?? KINDS[code.slice(0, 2)] ?? (sent ? 'unknown' : 'unavailable');
  return new ProviderError({ provider: 'mailhost', operation, kind, detail: message, code, cause: error });
}
