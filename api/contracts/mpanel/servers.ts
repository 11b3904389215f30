import { z } from 'zod';
import { findNode, listNodes } from '../../../db/queries/nodes.ts';
import { ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { presentPage } from './present/common.ts';
import { presentServer } from './present/services.ts';
import { byId, listOf, pageQuery, Server } from './schemas/index.ts';

const tag = 'Servers';

export const serverRoutes = [
  route({
    method: 'get',
    path: '/servers',
    summary: 'Servers of the platform',
    tag,
    permission: 'servers.read',
    query: z.strictObject(pageQuery),
    responses: { 200: listOf(Server) },
    handler: async (ctx, { query }) => ok(presentPage(await listNodes(ctx.em, query), presentServer)),
  }),
  route({
    method: 'get',
    path: '/servers/:id',
    summary: 'One server',
    tag,
    permission: 'servers.read',
    params: byId,
    responses: { 200: Server },
    handler: async (ctx, { params }) => ok(presentServer(seen(ctx, await findNode(ctx.em, params.id)))),
  }),
];
