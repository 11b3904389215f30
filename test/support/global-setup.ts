import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Platform, startPlatform } from '../../scripts/launch/platform.ts';
import { makeTestDir } from '../../scripts/test/dirs.ts';

declare global {
  /** Between setup and teardown, which run in the same process. */
  var mpanelTestServers: { stop(): Promise<void> } | undefined;
}

/**
 * One PostgreSQL and one Temporal for the whole run, each started when the first test asks for it: tests run in other
 * processes, so they ask by HTTP (test/support/servers.ts).
 */
export default async function setup() {
  process.env.MPANEL_TEST_DIR ??= makeTestDir();
  const started = new Map<string, Promise<Platform>>();

  function part(name: 'postgres' | 'temporal'): Promise<Platform> {
    // No API runs here; any other port than the usual one makes the servers choose free ones.
    const env = { ...bare(), DATA_DIR: join(String(process.env.MPANEL_TEST_DIR), name), PORT: '0' };
    const platform = started.get(name) ?? startPlatform({ env, only: [name], durable: false, say: () => {} });
    started.set(name, platform);
    return platform;
  }

  const desk = createServer((request, response) => {
    const name = request.url === '/temporal' ? 'temporal' : 'postgres';
    part(name).then(
      (platform) => response.end(JSON.stringify(platform.parts()[name])),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise<void>((done) => desk.listen(0, '127.0.0.1', done));
  process.env.MPANEL_TEST_SERVERS = `http://127.0.0.1:${(desk.address() as AddressInfo).port}`;

  globalThis.mpanelTestServers = {
    async stop() {
      desk.closeAllConnections();
      desk.close();
      for (const platform of started.values()) await (await platform.catch(() => undefined))?.stop();
    },
  };
}

/** Without the settings of whoever runs the tests. */
function bare(): NodeJS.ProcessEnv {
  const { PATH, HOME, CI, TEMPORAL_CLI_PATH } = process.env;
  return { PATH, HOME, CI, TEMPORAL_CLI_PATH };
}
