import type { WorkerOptions } from '@temporalio/worker';

/** A third of what an activity may be silent for. The SDK would pass a heartbeat on at 8 of those 10 seconds only. */
export const HEARTBEAT = { everyMs: 2_500 } as const;

/** How much a worker takes on at once, sized for two cores. The bare worker of the benchmark has the same. */
export const WORKER_TUNING = {
  maxConcurrentActivityTaskExecutions: 50,
  maxConcurrentWorkflowTaskExecutions: 40,
  maxHeartbeatThrottleInterval: 3_000,
  workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 4 },
  activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 4 },
} as const satisfies Partial<WorkerOptions>;

/** For questions that a person waits for: short, and never many at once. */
export const ASK_TUNING = {
  maxConcurrentActivityTaskExecutions: 20,
  activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
} as const satisfies Partial<WorkerOptions>;

// Both ends are on one machine or in one rack: packing costs more than it saves.
export const CONNECTION_TUNING = { grpcCompression: { codec: 'none' } } as const;
