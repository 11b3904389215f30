import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Start, standIn } from '../../sandbox/lib/stand-in.ts';
import { Store } from '../../sandbox/lib/store.ts';
import { mustBeGenuine } from './genuine.ts';

interface StandInOptions {
  speed?: number;
  /** What neighbours would have told it. */
  env?: Record<string, string>;
  /**
   * close() judges what was asked by the rules of the genuine system. True in tests of the stand-in itself, which ask for
   * what no adapter may; else the objections that a test of an adapter is after.
   */
  rude?: boolean | RegExp;
}

/** One stand-in in this process, its memory gone with it. */
export async function startStandIn(name: string, start: Start, { speed = 0, env = {}, rude }: StandInOptions = {}) {
  const dir = mkdtempSync(join(tmpdir(), `mpanel-${name}-`));
  const store = new Store(':memory:');
  const self = standIn(name, store);
  const running = await start(self, { host: '127.0.0.1', port: async () => 0, dir, speed, env });
  return {
    self,
    running,
    env: running.env,
    async close() {
      await running.close();
      const log = rude === true ? [] : self.log.list({ limit: 100_000 });
      store.close();
      rmSync(dir, { recursive: true, force: true });
      await mustBeGenuine(name, log, rude instanceof RegExp ? rude : undefined);
    },
  };
}
