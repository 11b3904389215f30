import { Gauge, Histogram } from 'prom-client';

/** Metrics of the platform itself, shown by the workers' /metrics beside those of Temporal's SDK. */

export const stepSeconds = new Histogram({
  name: 'mpanel_activity_attempt_seconds',
  help: 'Duration of one attempt of an activity',
  labelNames: ['activity', 'outcome'],
  buckets: [0.005, 0.02, 0.05, 0.1, 0.5, 1, 5, 30, 300],
});

export const outboxPending = new Gauge({ name: 'mpanel_outbox_pending', help: 'Starts and signals not sent yet' });

export const outboxOldestSeconds = new Gauge({ name: 'mpanel_outbox_oldest_seconds', help: 'Age of the oldest one' });

export const jobsBlocked = new Gauge({
  name: 'mpanel_jobs_blocked',
  help: 'Jobs that wait for an operator or for the world',
});

export const driftOpen = new Gauge({
  name: 'mpanel_drift_open',
  help: 'Differences between our rows and an outside system that are neither mended nor gone',
  labelNames: ['system', 'kind'],
});

export const driftCheckedAt = new Gauge({
  name: 'mpanel_drift_checked_timestamp_seconds',
  help: 'When the last look at an outside system got through',
  labelNames: ['system'],
});
