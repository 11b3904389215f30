import type { Errors } from './check.ts';

/** An answer that is not a success, as PVE words it; a plain `die` there is a 500 here. */
export class PveError extends Error {
  readonly status: number;
  readonly errors: Errors | undefined;

  constructor(message: string, status = 500, errors?: Errors) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/** A 400 about single parameters that the schema alone could not refuse. */
export function paramError(errors: Errors): PveError {
  return new PveError('Parameter verification failed.', 400, errors);
}
