import { z } from 'zod';
import { CHECKS, REMEDIATION_STATUS, SCAN_STATUS, SEVERITIES, WEAKNESS_STATE } from '../../../core/guardian.ts';
import { listAuditEvents } from '../../../db/queries/audit.ts';
import {
  countOpen,
  countRemediations,
  findInstance,
  lastScan,
  listRemediations,
  listScans,
  listWeaknesses,
} from '../../../db/queries/guardian.ts';
import { accepted, created, ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { approve, type Side } from '../../usecases/guardian/approve.ts';
import { configureGuardian } from '../../usecases/guardian/configure.ts';
import { requestRemediation } from '../../usecases/guardian/request.ts';
import { requestScan } from '../../usecases/guardian/scan.ts';
import { presentEvent } from './present/audit.ts';
import { presentPage } from './present/common.ts';
import {
  presentFinding,
  presentInstance,
  presentRemediation,
  presentScan,
  presentSummary,
} from './present/guardian.ts';
import { presentJobRef } from './present/jobs.ts';
import { AuditEvent, byId, GuardianFinding, GuardianInstance, GuardianRemediation, GuardianScan, GuardianSummary, JobRef, listOf, pageQuery, uuid } from './schemas/index.ts'; // biome-ignore format: a list

const tag = 'Guardian';
const permission = 'guardian.read';
const port = z.number().int().min(1).max(65535);

const approvalBy = (side: Side, needed: 'guardian.approve' | 'guardian.approve_platform') =>
  route({
    method: 'post',
    path: `/guardian/remediations/:id/approve-${side}`,
    summary: `Approve a remediation for the ${side}`,
    tag,
    permission: needed,
    params: byId,
    responses: { 202: z.strictObject({ remediation: GuardianRemediation, job: JobRef.nullable() }) },
    handler: async (ctx, { params }) => {
      const { remediation, job } = await approve(ctx, params.id, side);
      return accepted({ remediation: presentRemediation(remediation), job: job && presentJobRef(job) });
    },
  });

export const guardianRoutes = [
  route({
    method: 'get',
    path: '/guardian/summary',
    summary: 'How the tenant stands',
    tag,
    permission,
    responses: { 200: GuardianSummary },
    handler: async ({ em, scope }) => {
      const [instance, open] = [await findInstance(em, scope), await countOpen(em, scope)];
      return ok(presentSummary(instance, open, await lastScan(em, scope), await countRemediations(em, scope)));
    },
  }),
  route({
    method: 'get',
    path: '/guardian/instance',
    summary: "The tenant's Guardian",
    tag,
    permission,
    responses: { 200: GuardianInstance },
    handler: async (ctx) => ok(presentInstance(seen(ctx, await findInstance(ctx.em, ctx.scope)))),
  }),
  route({
    method: 'post',
    path: '/guardian/instance',
    summary: 'Make the Guardian, or change what it is told',
    tag,
    permission: 'guardian.configure',
    body: z.strictObject({ enabled: z.boolean().optional(), allowedPorts: z.array(port).max(500).optional() }),
    responses: { 200: GuardianInstance, 201: GuardianInstance },
    handler: async (ctx, { body }) => {
      const { instance, made } = await configureGuardian(ctx, body);
      return made ? created(presentInstance(instance)) : ok(presentInstance(instance));
    },
  }),
  route({
    method: 'post',
    path: '/guardian/scan',
    summary: 'Look at all that the tenant has',
    tag,
    permission: 'guardian.scan',
    responses: { 202: z.strictObject({ scan: GuardianScan, job: JobRef }) },
    handler: async (ctx) => {
      const { scan, job } = await requestScan(ctx);
      return accepted({ scan: presentScan(scan), job: presentJobRef(job) });
    },
  }),
  route({
    method: 'get',
    path: '/guardian/scans',
    summary: 'Scans',
    tag,
    permission,
    query: z.strictObject({ ...pageQuery, status: z.enum(SCAN_STATUS).optional() }),
    responses: { 200: listOf(GuardianScan) },
    handler: async (ctx, { query: { status, ...page } }) =>
      ok(presentPage(await listScans(ctx.em, ctx.scope, { status }, page), presentScan)),
  }),
  route({
    method: 'get',
    path: '/guardian/findings',
    summary: 'Findings',
    tag,
    permission,
    query: z.strictObject({
      ...pageQuery,
      state: z.enum(WEAKNESS_STATE).optional(),
      severity: z.enum(SEVERITIES).optional(),
      check: z.enum(CHECKS).optional(),
      resourceId: uuid.optional(),
    }),
    responses: { 200: listOf(GuardianFinding) },
    handler: async (ctx, { query: { page, pageSize, sort, ...filter } }) =>
      ok(presentPage(await listWeaknesses(ctx.em, ctx.scope, filter, { page, pageSize, sort }), presentFinding)),
  }),
  route({
    method: 'get',
    path: '/guardian/remediations',
    summary: 'Remediations',
    tag,
    permission,
    query: z.strictObject({
      ...pageQuery,
      status: z.enum(REMEDIATION_STATUS).optional(),
      findingId: uuid.optional(),
    }),
    responses: { 200: listOf(GuardianRemediation) },
    handler: async (ctx, { query: { page, pageSize, sort, ...filter } }) =>
      ok(presentPage(await listRemediations(ctx.em, ctx.scope, filter, { page, pageSize, sort }), presentRemediation)),
  }),
  route({
    method: 'post',
    path: '/guardian/remediations/request',
    summary: 'Ask for what can be done about a finding',
    tag,
    permission: 'guardian.remediate',
    body: z.strictObject({ findingId: uuid }),
    responses: { 201: GuardianRemediation },
    handler: async (ctx, { body }) => created(presentRemediation(await requestRemediation(ctx, body.findingId))),
  }),
  approvalBy('tenant', 'guardian.approve'),
  approvalBy('platform', 'guardian.approve_platform'),
  route({
    method: 'get',
    path: '/guardian/audit-events',
    summary: 'What Guardian was asked for, and did',
    tag,
    permission,
    query: z.strictObject(pageQuery),
    responses: { 200: listOf(AuditEvent) },
    handler: async (ctx, { query }) =>
      ok(presentPage(await listAuditEvents(ctx.em, ctx.scope, { type: 'guardian_' }, query), presentEvent)),
  }),
];
