import { openEngine } from '../scripts/stage/engine.ts';
import type { Stage } from '../scripts/stage/stage.ts';
import type { Sources } from './invariants/gather.ts';
import type { PatientApi } from './patient.ts';

/** What a judgement reads, of a running platform. */
export async function sourcesOf({ platform, outside }: Stage, api: PatientApi) {
  const engine = await openEngine(platform);
  return {
    get: api.get,
    list: api.list,
    state: (system) => outside.state(system),
    async open() {
      const ids: string[] = [];
      for await (const { workflowId } of engine.workflow.list({ query: `ExecutionStatus = 'Running'` }))
        ids.push(workflowId);
      return ids;
    },
    close: () => engine.connection.close(),
  } satisfies Sources & { close(): Promise<void> };
}
