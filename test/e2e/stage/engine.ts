import { Client, Connection, type WorkflowClient } from '@temporalio/client';

/** Temporal as an operator sees it, on a connection for as long as the work takes. */
export async function withEngine<T>(
  env: NodeJS.ProcessEnv,
  work: (workflow: WorkflowClient) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({ address: String(env.TEMPORAL_ADDRESS) });
  try {
    return await work(new Client({ connection, namespace: env.TEMPORAL_NAMESPACE ?? 'default' }).workflow);
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
