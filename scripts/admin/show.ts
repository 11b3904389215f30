import { Job } from '../../db/entities/index.ts';
import { measureBacklog } from '../../db/queries/backlog.ts';
import { all } from '../../db/queries/entity.ts';
import { addressFill, nodeFill, vmidFill } from '../../db/queries/inventory.ts';
import type { Command } from './command.ts';

/** Blocked jobs beyond these are only counted. */
const MOST_JOBS = 50;

export const show: Command = {
  name: 'show',
  synopsis: '',
  about: 'Nodes and what is sold of them, how full the pools are, what is blocked.',
  async run({ em }) {
    const blocked = await all(em, Job, { status: 'blocked' }, { orderBy: { updatedAt: 'asc' }, limit: MOST_JOBS });
    const [nodes, addresses, vmids] = [await nodeFill(em), await addressFill(em), await vmidFill(em)];
    const backlog = await measureBacklog(em);
    return {
      Nodes: nodes.map((node) => ({
        name: node.name,
        role: node.role,
        status: node.status,
        guests: node.guests,
        cores: share(node.coresUsed, node.cores),
        memory: share(node.memoryUsedMb / 1024, node.memoryMb / 1024, 'G'),
        disk: share(node.diskUsedGb, node.diskGb, 'G'),
        heartbeat: node.heartbeat,
      })),
      'Address pools': addresses.map((pool) => ({ ...pool })),
      'VMID pools': vmids.map((pool) => ({ ...pool })),
      'Blocked jobs': blocked.map(({ id, type, step, reason, updatedAt }) => ({
        ...{ id, type, step: step ?? null, since: updatedAt, reason: reason ?? null },
      })),
      Backlog: [
        { blocked: backlog.blocked, unsent: backlog.pending, oldestSeconds: Math.round(backlog.oldestSeconds) },
      ],
    };
  },
};

function share(used: number, of: number, unit = ''): string {
  const percent = of ? ` (${Math.round((100 * used) / of)} %)` : '';
  return `${Math.round(used)}/${Math.round(of)}${unit}${percent}`;
}
