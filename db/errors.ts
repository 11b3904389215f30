import { UniqueConstraintViolationException } from '@mikro-orm/postgresql';

/** Name of the unique index that refused a row; undefined for every other error. */
export function violatedIndex(error: unknown): string | undefined {
  return error instanceof UniqueConstraintViolationException
    ? (error as Error & { constraint?: string }).constraint
    : undefined;
}
