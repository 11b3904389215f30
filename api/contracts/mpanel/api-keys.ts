import { z } from 'zod';
import type * as entities from '../../../db/entities/index.ts';
import { listApiKeys } from '../../../db/queries/api-keys.ts';
import { created, noContent, ok, route } from '../../http/route.ts';
import { createApiKey } from '../../usecases/api-keys/create.ts';
import { deleteApiKey } from '../../usecases/api-keys/remove.ts';
import { presentPage } from './present/common.ts';
import { ApiKey, byId, empty, line, listOf, pageQuery, timestamp } from './schemas/index.ts';

const tag = 'API keys';

function present(key: entities.ApiKey): z.infer<typeof ApiKey> {
  const { id, name, prefix, scopes, createdAt } = key;
  const [expiresAt, lastUsedAt] = [key.expiresAt?.toISOString() ?? null, key.lastUsedAt?.toISOString() ?? null];
  return { id, name, prefix, scopes, expiresAt, lastUsedAt, createdAt: createdAt.toISOString() };
}

export const apiKeyRoutes = [
  route({
    method: 'get',
    path: '/api-keys',
    summary: 'The own API keys',
    tag,
    permission: 'session.write',
    query: z.strictObject(pageQuery),
    responses: { 200: listOf(ApiKey) },
    handler: async (ctx, { query }) =>
      ok(presentPage(await listApiKeys(ctx.em, ctx.scope, ctx.caller.userId, query), present)),
  }),
  route({
    method: 'post',
    path: '/api-keys',
    summary: 'Make an API key; its secret is answered this once',
    tag,
    permission: 'session.write',
    idempotency: 'none',
    body: z.strictObject({
      name: line(),
      scopes: z.array(z.string().max(60)).min(1).max(100),
      expiresAt: timestamp.optional(),
    }),
    responses: { 201: z.strictObject({ apiKey: ApiKey, secret: z.string() }) },
    handler: async (ctx, { body }) => {
      const { key, secret } = await createApiKey(ctx, body);
      return created({ apiKey: present(key), secret });
    },
  }),
  route({
    method: 'delete',
    path: '/api-keys/:id',
    summary: 'Delete an API key',
    tag,
    permission: 'session.write',
    params: byId,
    responses: { 204: empty },
    handler: async (ctx, { params }) => {
      await deleteApiKey(ctx, params.id);
      return noContent();
    },
  }),
];
