import { JOB_ENDED } from '../../core/states.ts';
import type { Invariant, Told } from './evidence.ts';

type Job = Told['jobs'][number];

const OVER: Record<string, readonly string[]> = {
  completed: ['done', 'skipped'],
  compensated: ['done', 'skipped', 'undone', 'failed'],
};

/**
 * What happened can be read: every item has its job under its order's, every job that ended says when, each of its steps
 * is over with its times, and it names the same steps as the others of its type that went all the way.
 */
export const records: Invariant = ({ told }) => [...told.orders.flatMap((order) => unexplained(order, told.jobs)), ...told.jobs.flatMap(unclear), ...gaps(told.jobs)]; // biome-ignore format: a list

function unexplained(order: Told['orders'][number], jobs: readonly Job[]): string[] {
  const below = new Set(jobs.filter(({ parentJobId }) => parentJobId === order.jobId).map(({ targetId }) => targetId));
  return order.items
    .filter(({ resourceId }) => !below.has(resourceId))
    .map(({ description }) => `order ${order.id}: no job says what became of ${description}`);
}

function unclear(job: Job): string[] {
  if (!JOB_ENDED.includes(job.status)) return [];
  const wrong = job.steps.filter((step) => {
    const over = OVER[job.status]?.includes(step.status) ?? true;
    const begun = step.status === 'skipped' || (step.startedAt !== null && step.attempt > 0);
    const timed = step.endedAt !== null && (step.startedAt === null || step.startedAt <= step.endedAt);
    return !(over && begun && timed);
  });
  return [
    ...(job.endedAt ? [] : [`job ${job.type} ${job.id} is ${job.status} and does not say since when`]),
    ...wrong.map((step) => `job ${job.type} ${job.id} is ${job.status}, its step ${step.name} is ${step.status} since ${step.startedAt} until ${step.endedAt}`),
  ];
} // biome-ignore format: one sentence each

/** Orders differ in their steps by what goes wrong; all others name theirs beforehand. */
function gaps(jobs: readonly Job[]): string[] {
  const whole = jobs.filter(({ status, type }) => status === 'completed' && type !== 'order_fulfil');
  return [...Map.groupBy(whole, ({ type }) => type)].flatMap(([type, same]) => {
    const all = new Set(same.flatMap(({ steps }) => steps.map(({ name }) => name)));
    return same
      .filter(({ steps }) => steps.length !== all.size)
      .map(({ id, steps }) => `job ${type} ${id} does not tell of ${[...all].filter((name) => !steps.some((step) => step.name === name)).join(', ')}`);
  });
} // biome-ignore format: one sentence
