import { statusOf } from '../../../core/heartbeat.ts';
import type { Node } from '../../../db/entities/index.ts';
import { measureBacklog } from '../../../db/queries/backlog.ts';
import { allNodes, measureDatabase } from '../../../db/queries/nodes.ts';
import type { Context } from '../../context.ts';

/** What the hosts of the platform last told of themselves, how much waits, and how full the database is. */
export async function readHealth({ em }: Context) {
  const now = new Date();
  const hosts = (await allNodes(em)).map((node) => ({ ...node, status: statusOf(node, now) }));
  const { pending, oldestSeconds, blocked } = await measureBacklog(em);
  return {
    status: overall(hosts),
    hosts,
    totals: totalsOf(hosts.filter(({ status }) => status === 'online')),
    offline: hosts.filter(({ status }) => status === 'offline').length,
    queue: { pending, oldestSeconds, blocked },
    database: await measureDatabase(em),
  };
}

/** Down: nobody is there to make anything; degraded: somebody is missing. */
function overall(hosts: readonly Pick<Node, 'role' | 'status'>[]): 'ok' | 'degraded' | 'down' {
  const working = (role: Node['role']) => hosts.some((host) => host.role === role && host.status === 'online');
  if (!working('hypervisor') || !working('control')) return 'down';
  return hosts.every(({ status }) => status === 'online') ? 'ok' : 'degraded';
}

function totalsOf(hosts: readonly Node[]) {
  const sum = (of: (host: Node) => number) => hosts.reduce((total, host) => total + of(host), 0);
  const cores = sum((host) => host.cores);
  return {
    cores,
    cpuUsage: cores ? sum((host) => (host.cpuUsage ?? 0) * host.cores) / cores : 0,
    memoryMb: sum((host) => host.memoryMb),
    memoryUsedMb: sum((host) => host.memoryUsedMb ?? 0),
  };
}
