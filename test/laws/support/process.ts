import type { JobOutcome } from '../../../workflows/catalog.ts';
import { type Progress, runSaga, type Saga, type Step, StepFailure, slowly } from '../../../workflows/saga.ts';
import { sagas } from '../../../workflows/sagas.ts';
import type { Deed, PlainHost } from './host.ts';
import type { Asked } from './scene.ts';
import type { Stage } from './stages/index.ts';

/** What a workflow that is no list of steps has done on one of its ways, waiting and deciding left out. */
export interface Act {
  name: string;
  do: Deed;
  /** About the order's item, not the order. */
  ofItem?: true;
}

/** What a stage plays: a saga, or the acts of a workflow that goes only forward. */
export interface Process {
  steps: readonly (Step | Act)[];
  forwardOnly: boolean;
  run(host: PlainHost, asked: Asked, progress: Progress): Promise<JobOutcome>;
}

export function processOf(stage: Stage): Process {
  const { acts } = stage;
  if (acts) return { steps: acts, forwardOnly: true, run: (host, asked) => insistOn(acts, host, asked) };
  const saga: Saga = sagas.find(({ type }) => type === stage.saga)!;
  return {
    steps: saga.steps,
    forwardOnly: saga.forwardOnly ?? false,
    run: (host, _, progress) => runSaga(saga, host, progress),
  };
}

/** As WorkflowHost.insist does: what cannot be done now is shown as blocked and tried again. */
async function insistOn(acts: readonly Act[], host: PlainHost, { itemId }: Asked): Promise<JobOutcome> {
  for (const act of acts) {
    const about = act.ofItem && itemId ? { targetId: itemId, note: 'refused by the law' } : {};
    while (!(await done(host, act, about)));
  }
  return { outcome: 'completed' };
}

async function done(host: PlainHost, act: Act, about: { targetId?: string; note?: string }): Promise<boolean> {
  try {
    await host.run(act.do, act.name, 'do', about);
    return true;
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    await host.block(act.name, slowly(error));
    return false;
  }
}
