import { z } from 'zod';
import { INSTANCE_STATUS } from '../../../core/states.ts';
import { findCloudPod, listCloudPods } from '../../../db/queries/cloudpods.ts';
import { accepted, created, ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { type Acted, deleteCloudPod, suspendCloudPod, unsuspendCloudPod } from '../../usecases/cloudpods/act.ts';
import { createCloudPod } from '../../usecases/cloudpods/create.ts';
import { ITEM_CONFIG } from '../../usecases/orders/item-config.ts';
import { reveal } from '../../usecases/reveal.ts';
import { presentPage } from './present/common.ts';
import { presentJobRef } from './present/jobs.ts';
import { presentBought, presentCloudPod } from './present/services.ts';
import { byId, CloudPod, JobRef, listOf, orderOfIt, pageQuery, uuid } from './schemas/index.ts';

const tag = 'CloudPods';
const acted = { 202: z.strictObject({ cloudPod: CloudPod, job: JobRef }) };

const presentActed = ({ instance, job }: Acted) =>
  accepted({ cloudPod: presentCloudPod(instance), job: presentJobRef(job) });

export const cloudPodRoutes = [
  route({
    method: 'get',
    path: '/cloudpods',
    summary: 'CloudPods',
    tag,
    permission: 'cloudpods.read',
    query: z.strictObject({
      ...pageQuery,
      customerId: uuid.optional(),
      status: z.enum(INSTANCE_STATUS).optional(),
    }),
    responses: { 200: listOf(CloudPod) },
    handler: async (ctx, { query: { customerId, status, ...page } }) =>
      ok(presentPage(await listCloudPods(ctx.em, ctx.scope, { customerId, status }, page), presentCloudPod)),
  }),
  route({
    method: 'get',
    path: '/cloudpods/:id',
    summary: 'One CloudPod',
    tag,
    permission: 'cloudpods.read',
    params: byId,
    responses: { 200: CloudPod },
    handler: async (ctx, { params }) =>
      ok(presentCloudPod(seen(ctx, await findCloudPod(ctx.em, ctx.scope, params.id)))),
  }),
  route({
    method: 'post',
    path: '/cloudpods',
    summary: 'Make a CloudPod; a customer gets an order for it',
    tag,
    permission: 'cloudpods.create',
    body: z.strictObject({
      customerId: uuid,
      subscriptionId: uuid.optional(),
      productId: uuid,
      ...ITEM_CONFIG.cloudpod.shape,
    }),
    responses: { 201: z.strictObject({ cloudPod: CloudPod, job: JobRef, ...orderOfIt }) },
    handler: async (ctx, { body }) => {
      const made = await createCloudPod(ctx, body);
      const instance = seen(ctx, await findCloudPod(ctx.em, ctx.scope, made.resourceId));
      return created({ cloudPod: presentCloudPod(instance), job: presentJobRef(made.job), ...presentBought(made) });
    },
  }),
  route({
    method: 'post',
    path: '/cloudpods/:id/suspend',
    summary: 'Stop a CloudPod and keep it stopped',
    tag,
    permission: 'cloudpods.suspend',
    params: byId,
    responses: acted,
    handler: async (ctx, { params }) => presentActed(await suspendCloudPod(ctx, params.id)),
  }),
  route({
    method: 'post',
    path: '/cloudpods/:id/unsuspend',
    summary: 'Start a suspended CloudPod again',
    tag,
    permission: 'cloudpods.suspend',
    params: byId,
    responses: acted,
    handler: async (ctx, { params }) => presentActed(await unsuspendCloudPod(ctx, params.id)),
  }),
  route({
    method: 'post',
    path: '/cloudpods/:id/reveal',
    summary: 'Show the root password, once',
    tag,
    permission: 'cloudpods.reveal',
    idempotency: 'none',
    params: byId,
    responses: { 200: z.strictObject({ username: z.literal('root'), password: z.string() }) },
    handler: async (ctx, { params }) => {
      const { id, passwordSecretId } = seen(ctx, await findCloudPod(ctx.em, ctx.scope, params.id));
      const password = await reveal(ctx, {
        id: passwordSecretId,
        action: 'cloudpod.password_revealed',
        resourceId: id,
      });
      return ok({ username: 'root' as const, password });
    },
  }),
  route({
    method: 'delete',
    path: '/cloudpods/:id',
    summary: 'Delete a CloudPod with its backups',
    tag,
    permission: 'cloudpods.delete',
    params: byId,
    responses: { 202: z.strictObject({ job: JobRef }) },
    handler: async (ctx, { params }) => accepted({ job: presentJobRef(await deleteCloudPod(ctx, params.id)) }),
  }),
];
