import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Start, standIn } from '../../sandbox/lib/stand-in.ts';
import { Store } from '../../sandbox/lib/store.ts';

/** One stand-in in this process, its memory gone with it. `env` is what neighbours would have told it. */
export async function startStandIn(
  name: string,
  start: Start,
  { speed = 0, env = {} }: { speed?: number; env?: Record<string, string> } = {},
) {
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
      store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
