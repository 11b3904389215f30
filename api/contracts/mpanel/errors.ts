import { z } from 'zod';
import type { AppError } from '../../../core/app-error.ts';

/** The contract's one error body. */
export const ErrorBody = z
  .strictObject({
    error: z.strictObject({
      code: z.string(),
      message: z.string(),
      details: z.record(z.string(), z.unknown()),
    }),
  })
  .meta({ id: 'Error' });

export function presentError({ code, message, details }: AppError) {
  return { error: { code, message, details } };
}
