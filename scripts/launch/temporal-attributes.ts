import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../workflows/catalog.ts';
import { StartFailure } from './failure.ts';

/** INDEXED_VALUE_TYPE_KEYWORD of temporal/api/enums/v1/common.proto. */
const KEYWORD = 2 as const;

/** A server that has just begun to answer may leave a call unanswered for ever. */
const WITHIN_MS = 15_000;

/**
 * Makes those of our search attributes that the namespace lacks.
 * @throws StartFailure where the server does not let us, or is silent
 */
export async function ensureSearchAttributes(address: string, namespace: string): Promise<void> {
  try {
    await withConnection(address, (connection) =>
      connection.withDeadline(Date.now() + WITHIN_MS, () => addMissing(connection, namespace)),
    );
  } catch (error) {
    const { message } = error as Error;
    throw new StartFailure(`The search attributes cannot be made in the Temporal server at ${address}: ${message}.`);
  }
}

async function withConnection(address: string, work: (connection: Connection) => Promise<void>): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 5000 });
  try {
    await work(connection);
  } finally {
    await connection.close();
  }
}

async function addMissing({ operatorService }: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in (customAttributes ?? {})));
  if (!missing.length) return;
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
  await operatorService.addSearchAttributes({ namespace, searchAttributes });
}
