import type { Stage } from '../scripts/stage/stage.ts';
import { activitySeconds } from './activities.ts';
import { cpuSeconds } from './processes.ts';
import { addTo, grown } from './stats.ts';

/** What some work has cost, by name. */
export interface Expense {
  /** Seconds, by process. */
  cpu: Record<string, number>;
  /** Seconds in attempts, by activity. */
  activities: Record<string, number>;
  /** Of our database. */
  transactions: number;
}

/** Adds what `work` costs to `total`. */
export async function charging<T>(stage: Stage, total: Expense, work: () => Promise<T>): Promise<T> {
  const before = await spent(stage);
  const result = await work();
  const after = await spent(stage);
  addTo(total.cpu, grown(before.cpu, after.cpu));
  addTo(total.activities, grown(before.activities, after.activities));
  total.transactions += after.transactions - before.transactions;
  return result;
}

async function spent({ platform, sql }: Stage): Promise<Expense> {
  const [database] = await sql<{ n: string }>(
    'select xact_commit + xact_rollback as n from pg_stat_database where datname = current_database()',
  );
  return {
    cpu: cpuSeconds(platform),
    activities: await activitySeconds(platform),
    transactions: Number(database?.n),
  };
}
