import { createServer } from 'node:net';
import { type Call, serveHttp } from '../lib/http.ts';
import type { Start } from '../lib/stand-in.ts';
import { acts } from './acts.ts';
import { answer } from './answer.ts';
import { Edges } from './edge.ts';
import { settle } from './effects.ts';
import { seed, TOKEN } from './seed.ts';
import { createWorld, type World } from './world.ts';

/*
 * Proxmox VE 9.1 as seen through /api2/json, over plain HTTP on loopback.
 *
 * `switch` faults (they match "METHOD /path" without /api2/json, as the log names it):
 *   upid-vanishes           the task runs, but nobody knows its UPID afterwards
 *   task-unexpected-status  the task does its work and ends with `unexpected status`
 *   task-ok-not-done        the task ends OK and has done nothing
 *   task-fails              data: the sentence it ends with, or { exit }
 *   lock-held               data: { vmid?, lock, forMs }: another operation holds the guest
 *   flock-timeout           the guest's config file cannot be locked
 *   guest-moves             the guest is on another node by the time the call arrives
 *   quorum-lost             writes die, the resources list says `unknown`
 *   node-down               data: { node? }: 595, nothing ran
 *   proxy-timeout-596       the call ran, the answer is 596
 *   storage-full            clone, create and backup end for want of space
 *   backup-queued           data: { forMs }: another backup of the node comes first, so long by the clock
 *   agent-never-answers     the guest agent does not come up
 * SANDBOX_PVE_VERSION=8.4 plays the older version's graphs and privileges.
 * A create whose answer is lost is the kit's own { phase: 'after', action: { kind: 'drop' } }.
 */
export const start: Start = async (self, around) => {
  const version = around.env.SANDBOX_PVE_VERSION === '8.4' ? '8.4' : '9.1';
  const world = createWorld(self.store, self.faults, { speed: around.speed, version, settle });
  seed(world);
  const tlsPort = (await around.port('edge')) || (await freePort(around.host));
  const edges = new Edges(world, tlsPort);
  for (const guest of world.guests.values()) world.stirred.add(guest.vmid);
  const pulse = createPulse(world, edges);
  await pulse.beat();

  const name = (call: Call) => `${call.method} ${call.path.replace(/^\/api2\/json/, '')}`;
  const describe = ({ query, headers, body }: Call) => ({
    query: query.toString(),
    headers,
    body: body.toString('utf8'),
  });
  const at = { host: around.host, port: await around.port('http'), maxBody: 2 ** 23, operation: name, describe };
  const http = await serveHttp(self, at, async (call) => {
    try {
      return await answer(world, call, name(call));
    } finally {
      await pulse.beat();
    }
  });

  return {
    env: {
      PROXMOX_URL: http.url,
      PROXMOX_TOKEN_ID: TOKEN.id,
      PROXMOX_TOKEN_SECRET: TOKEN.secret,
      TLS_PORT: String(tlsPort),
    },
    urls: { api: `${http.url}/api2/json` },
    state: () => state(world, edges),
    acts: Object.fromEntries(
      Object.entries(acts(world)).map(([verb, act]) => [
        verb,
        async (body: Record<string, unknown>) => {
          world.settle();
          const result = await act(body);
          await pulse.beat();
          return result;
        },
      ]),
    ),
    async close() {
      pulse.stop();
      await http.close();
      await edges.close();
    },
  };
};

/** Keeps the world up with the clock while nobody asks: tasks end, guests show their faces. */
function createPulse(world: World, edges: Edges) {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  async function beat(): Promise<void> {
    clearTimeout(timer);
    world.settle();
    await edges.follow();
    clearTimeout(timer);
    const next = world.tasks.nextDue();
    if (next !== undefined && !stopped) timer = setTimeout(() => void beat(), Math.max(1, next - Date.now()));
  }
  function stop(): void {
    stopped = true;
    clearTimeout(timer);
  }
  return { beat, stop };
}

function state(world: World, edges: Edges) {
  world.settle();
  return {
    guests: world.guests.values(),
    tasks: world.tasks.list(),
    backups: world.volumes.values().filter((volume) => volume.content === 'backup'),
    volumes: world.volumes.values(),
    jobs: world.jobs.values(),
    pools: world.pools.values(),
    edges: edges.list(),
  };
}

/** A port that is free now: the edges share one number on many addresses. */
async function freePort(host: string): Promise<number> {
  const probe = createServer();
  const port = await new Promise<number>((done, fail) => {
    probe.once('error', fail).listen(0, host, () => {
      const address = probe.address();
      done(typeof address === 'object' && address ? address.port : 0);
    });
  });
  await new Promise((done) => probe.close(done));
  return port;
}
