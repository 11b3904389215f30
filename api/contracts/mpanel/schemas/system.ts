import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { nullableTime, nullableUuid, timestamp, uuid } from './common.ts';

export const SystemEvent = z
  .strictObject({
    id: uuid,
    tenantId: nullableUuid,
    /** noun.what */
    type: z.string(),
    level: z.enum(states.EVENT_LEVELS),
    message: z.string(),
    data: z.record(z.string(), z.unknown()),
    createdAt: timestamp,
  })
  .meta({ id: 'SystemEvent' });

const load = { cores: z.number().int(), memoryMb: z.number().int() };

/** As of each host's last heartbeat; usage is a share from 0 to 1, null where a host does not tell. */
export const SystemHealth = z
  .strictObject({
    status: z.enum(['ok', 'degraded', 'down']),
    hosts: z.array(
      z.strictObject({
        id: uuid,
        name: z.string(),
        role: z.string(),
        status: z.enum(states.NODE_STATUS),
        lastHeartbeatAt: nullableTime,
        ...load,
        cpuUsage: z.number().nullable(),
        memoryUsedMb: z.number().int().nullable(),
        uptimeSeconds: z.number().int().nullable(),
      }),
    ),
    /** Of the hosts that are online. */
    totals: z.strictObject({ ...load, cpuUsage: z.number(), memoryUsedMb: z.number().int() }),
    offline: z.number().int(),
    queue: z.strictObject({ pending: z.number().int(), oldestSeconds: z.number(), blocked: z.number().int() }),
    database: z.strictObject({
      connections: z.number().int(),
      maxConnections: z.number().int(),
      sizeMb: z.number().int(),
    }),
  })
  .meta({ id: 'SystemHealth' });

export const Server = z
  .strictObject({
    id: uuid,
    name: z.string(),
    role: z.string(),
    ip: z.string(),
    status: z.enum(states.NODE_STATUS),
    lastHeartbeatAt: nullableTime,
    capacity: z.strictObject({ cores: z.number().int(), memoryMb: z.number().int(), diskGb: z.number().int() }),
  })
  .meta({ id: 'Server' });
