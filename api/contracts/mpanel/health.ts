import { z } from 'zod';
import { ok, publicRoute, route } from '../../http/route.ts';
import { readStatus } from '../../usecases/status/read.ts';

const tag = 'Health';

const State = z.enum(['ok', 'down', 'off', 'unknown']);
const Part = z.strictObject({
  plays: z.string(),
  /** Since it was last looked at; 0 for what this request looked at, null for what nobody has. */
  ageSeconds: z.number().nullable(),
});

const each = <T extends z.ZodType>(value: T) =>
  z.strictObject({
    database: value,
    redis: value,
    queue: value,
    proxmox: value,
    powerdns: value,
    registrar: value,
    acme: value,
    stripe: value,
    mail: value,
    smtp: value,
    vies: value,
  });

export const healthRoutes = [
  publicRoute({
    method: 'get',
    path: '/health',
    summary: 'Whether this process serves',
    tag,
    responses: { 200: z.strictObject({ status: z.literal('ok'), service: z.literal('mpanel-api') }) },
    handler: async () => ok({ status: 'ok' as const, service: 'mpanel-api' as const }),
  }),
  route({
    method: 'get',
    path: '/status',
    summary: 'What the platform leans on, and how each part is',
    tag,
    permission: 'status.read',
    responses: {
      200: z
        .strictObject({
          service: z.literal('mpanel-api'),
          version: z.string(),
          uptimeSeconds: z.number().int(),
          mode: z.enum(['sandbox', 'live']),
          dependencies: each(State),
          parts: each(Part),
        })
        .meta({ id: 'Status' }),
    },
    handler: async (ctx) => ok({ service: 'mpanel-api' as const, ...(await readStatus(ctx)) }),
  }),
];
