import type { Issuer } from './issuer.ts';
import type { Nonces } from './nonces.ts';
import type { Records } from './records.ts';

/** Everything the CA's requests work with. */
export interface Authority {
  readonly records: Records;
  readonly nonces: Nonces;
  readonly issuer: Issuer;
  /** host:port of each DNS server that validation asks; all must agree. */
  readonly dns: string[];
  /** Factor on validation and issuing time. */
  readonly speed: number;
  /** Validations under way. */
  readonly running: Set<Promise<void>>;
  /** Aborted on close. */
  readonly stop: AbortSignal;
  url(path: string): string;
  /** Data of the named fault switch where it strikes this operation. */
  switched<T extends object>(name: string, operation: string): T | undefined;
}
