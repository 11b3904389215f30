import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Config } from '../runtime/config.ts';
import { PRIORITY, RECONCILE, SWEEP } from '../workflows/catalog.ts';

interface Timetable {
  id: string;
  workflow: string;
  /** 0: never. */
  everySeconds: number;
}

/** What the platform does by itself, again and again. */
export function timetables(config: Config): Timetable[] {
  return [
    { id: RECONCILE, workflow: RECONCILE, everySeconds: config.RECONCILE_SECONDS },
    { id: SWEEP, workflow: SWEEP, everySeconds: config.SWEEP_SECONDS },
  ];
}

/** Makes the schedules what the settings say; any number of workers may do so. One that still runs is not started again. */
export async function ensureSchedules(client: Client, config: Config): Promise<void> {
  for (const timetable of timetables(config)) await ensure(client, timetable, config.TEMPORAL_TASK_QUEUE);
}

/** Two platforms may share a namespace, each with its own queue. */
export const scheduleId = (taskQueue: string, id: string): string => `${taskQueue}/${id}`;

const OFF = 'switched off by the settings';

/** A schedule that an operator has paused stays paused; one that the settings had paused does not. */
async function ensure({ schedule }: Client, { id, workflow, everySeconds }: Timetable, taskQueue: string) {
  const name = scheduleId(taskQueue, id);
  const scheduled = {
    spec: { intervals: [{ every: `${everySeconds || 3_600}s` as const }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: workflow,
      workflowId: name,
      taskQueue,
      args: [],
      // One that stands still would be waited for by all after it.
      workflowRunTimeout: '1h' as const,
      priority: { priorityKey: PRIORITY.byItself },
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' as const },
  };
  const off = everySeconds === 0 ? { paused: true, note: OFF } : undefined;
  try {
    await schedule.create({ scheduleId: name, ...scheduled, ...(off ? { state: off } : {}) });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await schedule.getHandle(name).update(({ state }) => ({
      ...scheduled,
      state: { ...state, ...(off ?? (state.note === OFF ? { paused: false, note: '' } : {})) },
    }));
  }
}
