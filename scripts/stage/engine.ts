import { Client, Connection } from '@temporalio/client';
import type { Platform } from '../launch/platform.ts';

/** A client of the platform's own Temporal server. */
export async function openEngine({ env }: Pick<Platform, 'env'>): Promise<Client> {
  const connection = await Connection.connect({ address: String(env.TEMPORAL_ADDRESS) });
  return new Client({ connection, namespace: String(env.TEMPORAL_NAMESPACE) });
}
