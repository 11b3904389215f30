import { z } from 'zod';
import { JOB_STATUS } from '../../../core/states.ts';
import { findJob, findJobView, listJobs } from '../../../db/queries/job-views.ts';
import { JOB_TYPES } from '../../../workflows/catalog.ts';
import { accepted, created, eventRoute, ok, route } from '../../http/route.ts';
import { feedOf } from '../../realtime/feed.ts';
import { issueTicket } from '../../realtime/ticket.ts';
import { seen } from '../../usecases/access.ts';
import { decide } from '../../usecases/jobs/decide.ts';
import { presentPage } from './present/common.ts';
import { presentJob, presentJobEvent, presentJobView } from './present/jobs.ts';
import { byId, Job, JobWithSteps, line, listOf, pageQuery, StreamTicket, Told, uuid } from './schemas/index.ts';

const tag = 'Jobs';
const permission = 'jobs.operate';
/** A step of the job, where several are blocked. */
const which = z.strictObject({ step: line(200).optional() });
const Reason = z.strictObject({ reason: line(1000) });
const responses = { 202: z.strictObject({ job: Job }) };

export const jobRoutes = [
  route({
    method: 'get',
    path: '/jobs',
    summary: 'Jobs',
    tag,
    permission: 'jobs.read',
    query: z.strictObject({
      ...pageQuery,
      status: z.enum(JOB_STATUS).optional(),
      type: z.enum(JOB_TYPES).optional(),
      targetId: uuid.optional(),
      parentJobId: uuid.optional(),
    }),
    responses: { 200: listOf(Job) },
    handler: async (ctx, { query: { status, type, targetId, parentJobId, ...page } }) =>
      ok(presentPage(await listJobs(ctx.em, ctx.scope, { status, type, targetId, parentJobId }, page), presentJob)),
  }),
  route({
    method: 'get',
    path: '/jobs/:id',
    summary: 'One job with its steps',
    tag,
    permission: 'jobs.read',
    params: byId,
    responses: { 200: JobWithSteps },
    handler: async (ctx, { params }) => ok(presentJobView(seen(ctx, await findJobView(ctx.em, ctx.scope, params.id)))),
  }),
  eventRoute({
    path: '/jobs/:id/events',
    summary: 'What a job and its steps become, as it happens, from the event after Last-Event-ID on',
    tag,
    permission: 'jobs.read',
    params: byId,
    data: Told,
    feed: async (ctx, { params }) => {
      const { id, orderId } = seen(ctx, await findJob(ctx.em, ctx.scope, params.id));
      return feedOf({ stream: orderId ?? id, jobId: id }, id, presentJobEvent);
    },
  }),
  route({
    method: 'post',
    path: '/jobs/:id/events/ticket',
    summary: 'A ticket for its events: used once, within a minute, as ?ticket= where no header can be sent',
    tag,
    permission: 'jobs.read',
    idempotency: 'none',
    params: byId,
    responses: { 201: StreamTicket },
    handler: async (ctx, { params, header }) => {
      const { id } = seen(ctx, await findJob(ctx.em, ctx.scope, params.id));
      return created(await issueTicket(ctx, `/jobs/${id}/events`, header));
    },
  }),
  route({
    method: 'post',
    path: '/jobs/:id/retry',
    summary:
      'Go on at the blocked step; of an order: at every blocked step, or at the one named. One whose run is gone begins anew',
    tag,
    permission,
    params: byId,
    query: which,
    responses,
    handler: async (ctx, { params, query }) =>
      accepted({
        job: presentJob(await decide(ctx, params.id, { kind: 'retry', reason: 'retried by an operator', ...query })),
      }),
  }),
  route({
    method: 'post',
    path: '/jobs/:id/skip',
    summary: 'Go on after the blocked step, which was done by hand or is not needed',
    tag,
    permission,
    params: byId,
    query: which,
    body: Reason,
    responses,
    handler: async (ctx, { params, query, body }) =>
      accepted({ job: presentJob(await decide(ctx, params.id, { kind: 'skip', ...body, ...query })) }),
  }),
  route({
    method: 'post',
    path: '/jobs/:id/give-up',
    summary: 'Undo the job and refund what it was to deliver',
    tag,
    permission,
    params: byId,
    query: which,
    body: Reason,
    responses,
    handler: async (ctx, { params, query, body }) =>
      accepted({ job: presentJob(await decide(ctx, params.id, { kind: 'give-up', ...body, ...query })) }),
  }),
];
