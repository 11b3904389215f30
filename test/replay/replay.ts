import { DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { type Recorded, readHistory } from './recorded.ts';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF' } } });

/** Replays histories with a bundle, offline; answers the error of each that does not replay, by file. */
export async function replay(bundle: WorkflowBundle, all: readonly Recorded[]): Promise<Map<string, Error>> {
  const failures = new Map<string, Error>();
  const histories = all.map((each) => ({ workflowId: each.file, history: readHistory(each) }));
  const options = { workflowBundle: bundle, replayName: 'histories' };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories))
    if (error) failures.set(workflowId, error);
  return failures;
}
