// The worker of the bare workflow: a process of its own, tuned as ours. Prints "ready"; SIGTERM ends it.
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { CONNECTION_TUNING, WORKER_TUNING } from '../../workers/tuning.ts';

const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TASK_QUEUE } = process.env;

Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: ['SIGTERM'] });
const connection = await NativeConnection.connect({ address: String(TEMPORAL_ADDRESS), ...CONNECTION_TUNING });
const worker = await Worker.create({
  connection,
  namespace: String(TEMPORAL_NAMESPACE),
  taskQueue: String(TASK_QUEUE),
  workflowsPath: new URL('./workflow.ts', import.meta.url).pathname,
  activities: { noop: async () => {} },
  ...WORKER_TUNING,
});
console.log('ready');
await worker.run();
await connection.close();
