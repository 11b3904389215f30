import { z } from 'zod';
import { EVENT_LEVELS } from '../../../core/states.ts';
import type { Node, SystemEvent as Row } from '../../../db/entities/index.ts';
import { listSystemEvents } from '../../../db/queries/system-events.ts';
import { ok, route } from '../../http/route.ts';
import { readHealth } from '../../usecases/system/read-health.ts';
import { moment, presentPage } from './present/common.ts';
import { listOf, pageQuery, SystemEvent, SystemHealth, sought } from './schemas/index.ts';

const level = z.enum(EVENT_LEVELS);

export const systemRoutes = [
  route({
    method: 'get',
    path: '/system/health',
    summary: 'Hosts, queue and database of the platform',
    tag: 'System',
    permission: 'system.read',
    responses: { 200: SystemHealth },
    handler: async (ctx) => {
      const { hosts, ...rest } = await readHealth(ctx);
      return ok({ ...rest, hosts: hosts.map(presentHost) });
    },
  }),
  route({
    method: 'get',
    path: '/system/events',
    summary: 'What operators should know of: jobs that stand still or are undone, the queue, payments, drift',
    tag: 'System',
    permission: 'system.read',
    query: z.strictObject({ ...pageQuery, type: sought(100).optional(), level: level.optional() }),
    responses: { 200: listOf(SystemEvent) },
    handler: async (ctx, { query }) => ok(presentPage(await listSystemEvents(ctx.em, query), present)),
  }),
];

function presentHost(host: Node) {
  const { id, name, role, status, cores, memoryMb, cpuUsage = null, memoryUsedMb = null, uptimeSeconds = null } = host;
  const lastHeartbeatAt = moment(host.lastHeartbeatAt);
  return { id, name, role, status, lastHeartbeatAt, cores, memoryMb, cpuUsage, memoryUsedMb, uptimeSeconds };
}

function present({ id, tenantId, type, level, message, data, createdAt }: Row): z.infer<typeof SystemEvent> {
  return { id, tenantId: tenantId ?? null, type, level, message, data, createdAt: createdAt.toISOString() };
}
