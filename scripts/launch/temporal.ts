import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../workflows/catalog.ts';
import type { Child } from './child.ts';
import type { Context } from './context.ts';
import { StartFailure } from './failure.ts';
import { type Say, saying } from './say.ts';
import { ensureSearchAttributes } from './temporal-attributes.ts';
import { engineFile } from './temporal-release.ts';

export interface TemporalOptions {
  binary: string;
  dataDir: string;
  ports: { rpc: number; ui: number; metrics: number };
  /** Where the UI has payloads decoded; docs/secrets.md says what an operator does for it. */
  codecEndpoint: string;
  /** False keeps nothing on disk. */
  durable: boolean;
  say: Say;
  child: Context['child'];
}

/**
 * Settings of the server, each worth something measured (docs/operations.md). `transferProcessorMaxPollRPS` above all: the dev server
 * has one shard, and at the default of 20 every task waits for the next 50 ms tick.
 */
export const TEMPORAL_SETTINGS = {
  'history.transferProcessorMaxPollRPS': 1000,
  'history.timerProcessorMaxPollRPS': 1000,
  'system.enableActivityEagerExecution': true,
  'system.enableEagerWorkflowStart': true,
  'matching.enableFairness': true,
  'frontend.WorkflowPauseEnabled': true,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'frontend.namespaceCount': 5000,
};

/** The embedded Temporal server with its UI, on loopback; its history lives in a file of the data folder. */
export async function startTemporal({
  binary,
  dataDir,
  ports,
  codecEndpoint,
  durable,
  say,
  child: makeChild,
}: TemporalOptions): Promise<Child> {
  const address = `127.0.0.1:${ports.rpc}`;
  const file = engineFile(dataDir);
  const storage = [
    '--db-filename',
    file,
    '--sqlite-pragma',
    'journal_mode=WAL',
    '--sqlite-pragma',
    'synchronous=NORMAL',
  ];
  const child = makeChild({
    name: 'temporal',
    command: binary,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(ports.rpc), '--ui-port', String(ports.ui)],
      ...[
        '--metrics-port',
        String(ports.metrics),
        '--ui-disable-news-fetch',
        '--ui-codec-endpoint',
        codecEndpoint,
        '--log-level',
        'warn',
      ],
      ...(durable ? storage : []),
      ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
      ...Object.entries(TEMPORAL_SETTINGS).flatMap(([name, value]) => ['--dynamic-config-value', `${name}=${value}`]),
    ],
    env: process.env,
    log: join(dataDir, 'logs', 'temporal.log'),
    stop: { signal: 'SIGINT', withinMs: 15_000 },
    probe: () => systemAnswers(address, 1000),
  });
  await saying(say, 'Starting Temporal', child.start());
  return child;
}

export async function systemAnswers(address: string, withinMs: number): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: withinMs });
    await connection.close();
    return true;
  } catch {
    return false; // not yet
  }
}

/**
 * Waits up to five seconds for a Temporal server that somebody else runs, and makes our search attributes there.
 * @throws StartFailure naming the address
 */
export async function reachTemporal(address: string, namespace: string, withinMs = 5000): Promise<void> {
  const until = Date.now() + withinMs;
  while (!(await systemAnswers(address, Math.max(1, Math.min(2000, until - Date.now()))))) {
    if (Date.now() >= until)
      throw new StartFailure(`The Temporal server at ${address} does not answer; TEMPORAL_ADDRESS names it.`);
  }
  await ensureSearchAttributes(address, namespace);
}
