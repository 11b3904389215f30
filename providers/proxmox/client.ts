import { z } from 'zod';
import { agent } from './agent.ts';
import { type Api, type ProxmoxConfig, proxmoxApi } from './api.ts';
import { backups } from './backups.ts';
import { firewall } from './firewall.ts';
import { guests } from './guests.ts';
import type { NodeView, Proxmox } from './port.ts';
import { power } from './power.ts';
import * as shapes from './shapes.ts';
import { tasks } from './tasks.ts';
import { followingMoves } from './whereabouts.ts';

export function createProxmox(config: ProxmoxConfig): Proxmox {
  const api = proxmoxApi(config);
  const at = followingMoves(api);
  return {
    ...guests(api, at, config.pool),
    ...power(api, at),
    ...tasks(api),
    ...agent(api, at),
    ...backups(api, at),
    ...firewall(api, at),
    nodes: () => readNodes(api),
  };
}

const count = shapes.number.default(0);
const nodes = z.array(
  z.object({
    node: z.string(),
    status: z.string(),
    cpu: count,
    maxcpu: count,
    mem: count,
    maxmem: count,
    uptime: count,
  }),
);

// A node that is down is listed without figures.
async function readNodes(api: Api): Promise<NodeView[]> {
  return (await api('GET', '/nodes', nodes)).map((node) => ({
    name: node.node,
    online: node.status === 'online',
    cpus: node.maxcpu,
    cpuUsage: node.cpu,
    memoryBytes: node.maxmem,
    memoryUsedBytes: node.mem,
    uptimeSeconds: node.uptime,
  }));
}
