import { cpus, freemem, hostname, loadavg, networkInterfaces, totalmem, uptime } from 'node:os';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Node } from '../db/entities/index.ts';
import { set } from '../db/queries/entity.ts';
import { beatControl } from '../db/queries/nodes.ts';
import type { Proxmox } from '../providers/proxmox/port.ts';

/** Takes the heartbeat of every hypervisor from Proxmox, and this host's own. Answers what was seen, in words. */
export async function heartbeat(em: EntityManager, proxmox: Proxmox): Promise<string> {
  await beatControl(em, thisHost());
  const nodes = await proxmox.nodes();
  const online = nodes.filter((node) => node.online);
  for (const { name, cpuUsage, memoryUsedBytes, uptimeSeconds } of online)
    await set(
      em,
      Node,
      { role: 'hypervisor', name },
      {
        status: 'online',
        lastHeartbeatAt: new Date(),
        cpuUsage,
        memoryUsedMb: Math.round(memoryUsedBytes / 2 ** 20),
        uptimeSeconds,
      },
    );
  const names = online.map(({ name }) => name);
  await set(em, Node, { role: 'hypervisor', name: { $nin: names } }, { status: 'offline' });
  return `${online.length} of ${nodes.length} nodes online`;
}

/** The host that this process runs on. Its load average of a minute, cut at all cores, stands for the usage of its CPU. */
function thisHost() {
  const cores = cpus().length;
  return {
    name: `control-${hostname()}`,
    ip: ownAddress(),
    cores,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    cpuUsage: Math.min(1, loadavg()[0]! / cores),
    memoryUsedMb: Math.round((totalmem() - freemem()) / 2 ** 20),
    uptimeSeconds: Math.round(uptime()),
  };
}

function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';
}
