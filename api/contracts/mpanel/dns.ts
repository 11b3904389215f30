import { z } from 'zod';
import { findZone, listRecords, listZones } from '../../../db/queries/zones.ts';
import { accepted, created, ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { createRecord, deleteRecord, updateRecord } from '../../usecases/dns/records.ts';
import { presentPage } from './present/common.ts';
import { presentJobRef } from './present/jobs.ts';
import { presentRecord, presentZone } from './present/services.ts';
import { byId, DnsRecord, DnsZone, JobRef, listOf, pageQuery, uuid } from './schemas/index.ts';

const tag = 'DNS';
const permission = 'dns.write';

const fields = {
  type: z
    .string()
    .max(16)
    .transform((type) => type.toUpperCase()),
  name: z.string().max(255),
  content: z.string().min(1).max(16_384),
  ttl: z.number().int().min(30).max(604_800),
  priority: z.number().int().min(0).max(65_535).nullable(),
};

const inZone = z.strictObject({ id: uuid, recordId: uuid });

export const dnsRoutes = [
  route({
    method: 'get',
    path: '/dns/zones',
    summary: 'Zones',
    tag,
    permission: 'dns.read',
    query: z.strictObject({ ...pageQuery, customerId: uuid.optional(), domainId: uuid.optional() }),
    responses: { 200: listOf(DnsZone) },
    handler: async (ctx, { query: { customerId, domainId, ...page } }) =>
      ok(presentPage(await listZones(ctx.em, ctx.scope, { customerId, domainId }, page), presentZone)),
  }),
  route({
    method: 'get',
    path: '/dns/zones/:id/records',
    summary: 'Records of a zone',
    tag,
    permission: 'dns.read',
    params: byId,
    query: z.strictObject(pageQuery),
    responses: { 200: listOf(DnsRecord) },
    handler: async (ctx, { params, query }) => {
      const zone = seen(ctx, await findZone(ctx.em, ctx.scope, params.id));
      return ok(presentPage(await listRecords(ctx.em, zone.id, query), presentRecord));
    },
  }),
  route({
    method: 'post',
    path: '/dns/zones/:id/records',
    summary: 'Add a record',
    tag,
    permission,
    params: byId,
    body: z.strictObject({ ...fields, ttl: fields.ttl.default(3600), priority: fields.priority.default(null) }),
    responses: { 201: z.strictObject({ record: DnsRecord, job: JobRef }) },
    handler: async (ctx, { params, body }) => {
      const { record, job } = await createRecord(ctx, params.id, body);
      return created({ record: presentRecord(record), job: presentJobRef(job) });
    },
  }),
  route({
    method: 'put',
    path: '/dns/zones/:id/records/:recordId',
    summary: 'Change a record',
    tag,
    permission,
    params: inZone,
    body: z.strictObject(fields).partial(),
    responses: { 200: DnsRecord.extend({ jobId: uuid }) },
    handler: async (ctx, { params, body }) => {
      const { record, job } = await updateRecord(ctx, params.id, params.recordId, body);
      return ok({ ...presentRecord(record), jobId: job.id });
    },
  }),
  route({
    method: 'delete',
    path: '/dns/zones/:id/records/:recordId',
    summary: 'Delete a record',
    tag,
    permission,
    params: inZone,
    responses: { 202: z.strictObject({ job: JobRef }) },
    handler: async (ctx, { params }) =>
      accepted({ job: presentJobRef(await deleteRecord(ctx, params.id, params.recordId)) }),
  }),
];
