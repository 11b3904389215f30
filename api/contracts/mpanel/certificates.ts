import { z } from 'zod';
import { CERTIFICATE_STATUS } from '../../../core/states.ts';
import { listCertificates } from '../../../db/queries/certificate-views.ts';
import { accepted, created, ok, route } from '../../http/route.ts';
import { downloadCertificate } from '../../usecases/certificates/download.ts';
import { renewCertificate } from '../../usecases/certificates/renew.ts';
import { requestCertificate } from '../../usecases/certificates/request.ts';
import { domainName } from '../../usecases/orders/item-config.ts';
import { presentPage } from './present/common.ts';
import { presentJobRef } from './present/jobs.ts';
import { presentCertificate } from './present/services.ts';
import { byId, Certificate, JobRef, listOf, pageQuery, uuid } from './schemas/index.ts';

const tag = 'SSL';
const permission = 'certificates.write';
const begun = z.strictObject({ certificate: Certificate, job: JobRef });

export const certificateRoutes = [
  route({
    method: 'get',
    path: '/ssl/certificates',
    summary: 'Certificates',
    tag,
    permission: 'certificates.read',
    query: z.strictObject({
      ...pageQuery,
      customerId: uuid.optional(),
      targetId: uuid.optional(),
      status: z.enum(CERTIFICATE_STATUS).optional(),
    }),
    responses: { 200: listOf(Certificate) },
    handler: async (ctx, { query: { customerId, targetId, status, ...page } }) =>
      ok(
        presentPage(
          await listCertificates(ctx.em, ctx.scope, { customerId, targetId, status }, page),
          presentCertificate,
        ),
      ),
  }),
  route({
    method: 'post',
    path: '/ssl/certificates',
    summary: 'Request a certificate',
    tag,
    permission,
    body: z.strictObject({
      domain: domainName,
      type: z.literal('letsencrypt').default('letsencrypt'),
      targetId: uuid.optional(),
    }),
    responses: { 201: begun },
    handler: async (ctx, { body: { domain, targetId } }) => {
      const { certificate, job } = await requestCertificate(ctx, { domain, targetId });
      return created({ certificate: presentCertificate(certificate), job: presentJobRef(job) });
    },
  }),
  route({
    method: 'post',
    path: '/ssl/certificates/:id/renew',
    summary: 'Renew a certificate',
    tag,
    permission,
    params: byId,
    responses: { 202: begun },
    handler: async (ctx, { params }) => {
      const { certificate, job } = await renewCertificate(ctx, params.id);
      return accepted({ certificate: presentCertificate(certificate), job: presentJobRef(job) });
    },
  }),
  route({
    method: 'get',
    path: '/ssl/certificates/:id/download',
    summary: 'Chain and private key as PEM',
    tag,
    permission: 'certificates.download',
    params: byId,
    contentType: 'application/x-pem-file',
    responses: { 200: z.string() },
    handler: async (ctx, { params }) => ok(await downloadCertificate(ctx, params.id)),
  }),
];
