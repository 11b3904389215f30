import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '../scripts/demo/http.ts';
import type { Outside, Told } from './invariants/evidence.ts';
import type { PatientApi } from './patient.ts';

const GOING = ['pending', 'running', 'compensating', 'blocked'];
const LOOK_EVERY_MS = 500;
const RETRY_EVERY_MS = 3_000;
const CONFLICT = 409;

export interface Quiet {
  /** Whether it came to rest in time. */
  calm: boolean;
  /** How often retry was pressed. */
  retries: number;
}

/** Waits until no job goes on and no event of Stripe is under way; presses retry where a job is blocked, and nothing else. */
export async function quiet(
  api: PatientApi,
  stripe: () => Promise<Outside['stripe']>,
  withinMs: number,
): Promise<Quiet> {
  let retries = 0;
  let pressed = 0;
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(LOOK_EVERY_MS)) {
    const going = await Promise.all(GOING.map((status) => first(api, status)));
    if (going.every(({ total }) => total === 0) && !(await eventsUnderWay(stripe))) return { calm: true, retries };
    if (Date.now() - pressed < RETRY_EVERY_MS) continue;
    pressed = Date.now();
    for (const job of going.at(-1)?.items ?? []) retries += await retry(api, job);
  }
  return { calm: false, retries };
}

function first(api: PatientApi, status: string) {
  return api.get<{ items: Told['jobs']; total: number }>(`/jobs?status=${status}&pageSize=200`);
}

/** An order goes on by itself once its items do. */
async function retry(api: PatientApi, { id, type }: Told['jobs'][number]): Promise<number> {
  try {
    await api.send('POST', `/jobs/${id}/retry`);
    return type === 'order_fulfil' ? 0 : 1;
  } catch (error) {
    // It went on meanwhile.
    if (error instanceof Refusal && error.status === CONFLICT) return 0;
    throw error;
  }
}

async function eventsUnderWay(stripe: () => Promise<Outside['stripe']>): Promise<boolean> {
  const { events } = await stripe();
  return events.some(({ deliveries }) => deliveries.some(({ state }) => state === 'pending'));
}
