import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Client } from '@temporalio/client';
import type { Platform } from '../../scripts/launch/platform.ts';
import { closedLoop } from '../../scripts/stage/load.ts';
import { cpuSeconds } from '../processes.ts';
import { addTo, grown } from '../stats.ts';

const TASK_QUEUE = 'bench-bare';

/** Runs `count` bare workflows on the platform's Temporal server, and adds the CPU they take to `cpu`. Answers how many a second were finished. */
export async function bareRate(
  client: Client,
  platform: Platform,
  { count, warmUp, inFlight, activities }: { count: number; warmUp: number; inFlight: number; activities: number },
  cpu: Record<string, number>,
): Promise<number> {
  const worker = await startWorker(platform);
  try {
    const one = async () => {
      const workflowId = `bare/${crypto.randomUUID()}`;
      await client.workflow.execute('bare', { workflowId, taskQueue: TASK_QUEUE, args: [activities] });
    };
    await closedLoop(warmUp, inFlight, one);
    const spent = () => cpuSeconds(platform, { 'bare worker': worker.pid! });
    const before = spent();
    const seconds = await closedLoop(count, inFlight, one);
    addTo(cpu, grown(before, spent()));
    return count / seconds;
  } finally {
    await stop(worker);
  }
}

async function startWorker({ env }: Platform): Promise<ChildProcess> {
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = env;
  const worker = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', new URL('./worker.ts', import.meta.url).pathname],
    {
      env: { ...process.env, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TASK_QUEUE },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  for await (const line of createInterface({ input: worker.stdout })) if (line === 'ready') return worker;
  throw new Error('the bare worker ended before it was ready');
}

async function stop(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const gone = once(worker, 'exit');
  worker.kill('SIGTERM');
  await gone;
}
