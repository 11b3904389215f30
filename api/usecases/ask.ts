import { AppError } from '../../core/app-error.ts';
import { DeadlineExceeded, type Engine } from '../../runtime/engine.ts';
import type { Context } from '../context.ts';

const DEADLINE_MS = 10_000;

/** Has a worker look outside while the request waits. Throws PROVIDER_TIMEOUT or PROVIDER_FAILED. */
export async function askWorker<T>(
  { engine, logger, requestId, scope }: Context,
  question: Parameters<Engine['ask']>[0],
  id: string,
  input: unknown,
): Promise<T> {
  try {
    return await engine.ask<T>(question, id, input, DEADLINE_MS, scope.tenantId);
  } catch (error) {
    if (error instanceof DeadlineExceeded)
      throw new AppError('PROVIDER_TIMEOUT', 'The provider did not answer in time.');
    logger.warn({ err: error, requestId, question }, 'ask failed');
    throw new AppError('PROVIDER_FAILED', 'The provider could not be asked.');
  }
}
