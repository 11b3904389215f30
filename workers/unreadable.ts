import type { EntityManager } from '@mikro-orm/postgresql';
import type { SerializationContext } from '@temporalio/common';
import { recordSystemEvent } from '../db/queries/system-events.ts';
import type { Logger } from '../runtime/logger.ts';

/** Tells operators of what Temporal has for a run and this worker cannot decrypt: once for each run. */
export function unreadableTo(em: () => EntityManager, log: Logger) {
  return (error: Error, context: SerializationContext | undefined): void => {
    const run = context?.workflowId ?? 'a run';
    log.warn({ err: error, workflowId: context?.workflowId }, 'a payload cannot be decrypted');
    const message = `Something said to ${run} cannot be decrypted: ${error.message}. A signal is taken without what it says; whatever else needs it waits.`;
    recordSystemEvent(em(), { type: 'payload.unreadable', level: 'warning', key: run, message }).catch((err: unknown) =>
      log.warn({ err }, 'operators were not told'),
    );
  };
}
