import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { ensureSearchAttributes } from '../../scripts/launch/temporal-attributes.ts';
import { sharedServer } from './servers.ts';

export interface FreshNamespace {
  address: string;
  namespace: string;
}

/** A namespace of its own, with our search attributes, on the run's shared Temporal server. */
export async function freshNamespace(): Promise<FreshNamespace> {
  const { address = '' } = await sharedServer('temporal');
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    await ensureSearchAttributes(address, namespace);
    await usable(connection, namespace);
  } finally {
    await connection.close();
  }
  return { address, namespace };
}

/** The server's parts learn of a namespace and its search attributes one after the other, within seconds. */
async function usable(connection: Connection, namespace: string): Promise<void> {
  for (const until = Date.now() + 30_000; ; await sleep(100)) {
    try {
      await connection.workflowService.listWorkflowExecutions({ namespace, query: "TenantId = 'x'" });
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}
