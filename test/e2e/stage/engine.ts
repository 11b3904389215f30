import { Client, Connection, type WorkflowClient } from '@temporalio/client';
import { keyRing, loadConfig } from '../../../runtime/config.ts';
import { createDataConverter, createPayloadCodec, decodePayloads } from '../../../runtime/payloads.ts';

/** Temporal as an operator sees it, on a connection for as long as the work takes. */
export async function withEngine<T>(
  env: NodeJS.ProcessEnv,
  work: (workflow: WorkflowClient) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({ address: String(env.TEMPORAL_ADDRESS) });
  const options = { connection, namespace: env.TEMPORAL_NAMESPACE ?? 'default' };
  try {
    return await work(
      new Client({ ...options, dataConverter: createDataConverter(keyRing(loadConfig(env))) }).workflow,
    );
  } finally {
    await connection.close();
  }
}

/** All runs that visibility finds. */
export async function runsOf(workflow: WorkflowClient, query: string) {
  const runs = [];
  for await (const run of workflow.list({ query })) runs.push(run);
  return runs;
}

/** What a run wrote down, with its payloads decoded. */
export async function readableHistory(
  env: NodeJS.ProcessEnv,
  workflow: WorkflowClient,
  workflowId: string,
  runId?: string,
) {
  const history = await workflow.getHandle(workflowId, runId).fetchHistory();
  return decodePayloads(history, createPayloadCodec(keyRing(loadConfig(env))));
}
