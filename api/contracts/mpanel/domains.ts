import { z } from 'zod';
import { DOMAIN_STATUS } from '../../../core/states.ts';
import { findDomain, listDomains } from '../../../db/queries/domains.ts';
import { accepted, created, ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { registerDomain } from '../../usecases/domains/register.ts';
import { renewDomain } from '../../usecases/domains/renew.ts';
import { searchDomain } from '../../usecases/domains/search.ts';
import { updateDomain } from '../../usecases/domains/update.ts';
import { domainName, ITEM_CONFIG, years } from '../../usecases/orders/item-config.ts';
import { presentPage } from './present/common.ts';
import { presentJobRef } from './present/jobs.ts';
import { presentBought, presentDomain, presentOffer } from './present/services.ts';
import { byId, Domain, DomainOffer, JobRef, listOf, orderOfIt, pageQuery, sought, uuid } from './schemas/index.ts';

const tag = 'Domains';

export const domainRoutes = [
  route({
    method: 'get',
    path: '/domains/search',
    summary: 'Whether a domain can be had, and for how much',
    tag,
    permission: 'domains.read',
    query: z.strictObject({ q: sought(253), tld: sought(63).optional() }),
    responses: { 200: DomainOffer },
    handler: async (ctx, { query }) => ok(presentOffer(await searchDomain(ctx, query))),
  }),
  route({
    method: 'get',
    path: '/domains',
    summary: 'Domains',
    tag,
    permission: 'domains.read',
    query: z.strictObject({ ...pageQuery, customerId: uuid.optional(), status: z.enum(DOMAIN_STATUS).optional() }),
    responses: { 200: listOf(Domain) },
    handler: async (ctx, { query: { customerId, status, ...page } }) =>
      ok(presentPage(await listDomains(ctx.em, ctx.scope, { customerId, status }, page), presentDomain)),
  }),
  route({
    method: 'get',
    path: '/domains/:id',
    summary: 'One domain',
    tag,
    permission: 'domains.read',
    params: byId,
    responses: { 200: Domain },
    handler: async (ctx, { params }) => ok(presentDomain(seen(ctx, await findDomain(ctx.em, ctx.scope, params.id)))),
  }),
  route({
    method: 'put',
    path: '/domains/:id',
    summary: 'Whether it renews itself',
    tag,
    permission: 'domains.renew',
    params: byId,
    body: z.strictObject({ autoRenew: z.boolean().optional() }),
    responses: { 200: Domain },
    handler: async (ctx, { params, body }) => ok(presentDomain(await updateDomain(ctx, params.id, body))),
  }),
  route({
    method: 'post',
    path: '/domains/register',
    summary: 'Register a domain; a customer gets an order for it',
    tag,
    permission: 'domains.register',
    body: z.strictObject({ customerId: uuid, ...ITEM_CONFIG.domain.shape, domain: domainName }),
    responses: { 201: z.strictObject({ domain: Domain, job: JobRef, ...orderOfIt }) },
    handler: async (ctx, { body }) => {
      const made = await registerDomain(ctx, body);
      const domain = seen(ctx, await findDomain(ctx.em, ctx.scope, made.resourceId));
      return created({ domain: presentDomain(domain), job: presentJobRef(made.job), ...presentBought(made) });
    },
  }),
  route({
    method: 'post',
    path: '/domains/:id/renew',
    summary: 'Renew a domain; a customer gets an order for it',
    tag,
    permission: 'domains.renew',
    params: byId,
    body: z.strictObject({ years }),
    responses: { 202: z.strictObject({ domain: Domain, job: JobRef, ...orderOfIt }) },
    handler: async (ctx, { params, body }) => {
      const made = await renewDomain(ctx, params.id, body.years);
      const domain = seen(ctx, await findDomain(ctx.em, ctx.scope, params.id));
      return accepted({ domain: presentDomain(domain), job: presentJobRef(made.job), ...presentBought(made) });
    },
  }),
];
