import { z } from 'zod';
import { findEmailDomain, findMailbox, listEmailDomains, listMailboxes } from '../../../db/queries/mail.ts';
import { accepted, created, ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { attachEmail } from '../../usecases/email/attach.ts';
import { createMailbox, deleteMailbox, updateMailbox } from '../../usecases/email/mailboxes.ts';
import { mailLocalPart, mailPassword, quotaMb } from '../../usecases/orders/item-config.ts';
import { reveal } from '../../usecases/reveal.ts';
import { presentPage } from './present/common.ts';
import { presentJobRef } from './present/jobs.ts';
import { presentBought, presentEmailDomain, presentMailbox } from './present/services.ts';
import { byId, EmailDomain, JobRef, listOf, Mailbox, orderOfIt, pageQuery, uuid } from './schemas/index.ts';

const tag = 'Email';
const permission = 'email.write';

const newMailbox = { domainId: uuid, localPart: mailLocalPart, password: mailPassword, quotaMb };

const domains = [
  route({
    method: 'get',
    path: '/email/domains',
    summary: 'Domains with e-mail',
    tag,
    permission: 'email.read',
    query: z.strictObject({ ...pageQuery, customerId: uuid.optional() }),
    responses: { 200: listOf(EmailDomain) },
    handler: async (ctx, { query: { customerId, ...page } }) =>
      ok(presentPage(await listEmailDomains(ctx.em, ctx.scope, { customerId }, page), presentEmailDomain)),
  }),
  route({
    method: 'post',
    path: '/email/domains',
    summary: 'Give a domain e-mail; a customer gets an order for it',
    tag,
    permission,
    body: z.strictObject({
      domainId: uuid,
      planProductId: uuid,
      localPart: mailLocalPart.optional(),
      password: mailPassword.optional(),
      quotaMb: quotaMb.optional(),
    }),
    responses: { 201: z.strictObject({ emailDomain: EmailDomain, job: JobRef, ...orderOfIt }) },
    handler: async (ctx, { body }) => {
      const made = await attachEmail(ctx, body);
      const domain = seen(ctx, await findEmailDomain(ctx.em, ctx.scope, made.resourceId));
      return created({ emailDomain: presentEmailDomain(domain), job: presentJobRef(made.job), ...presentBought(made) });
    },
  }),
];

const mailboxes = [
  route({
    method: 'get',
    path: '/email/mailboxes',
    summary: 'Mailboxes',
    tag,
    permission: 'email.read',
    query: z.strictObject({ ...pageQuery, domainId: uuid.optional(), customerId: uuid.optional() }),
    responses: { 200: listOf(Mailbox) },
    handler: async (ctx, { query: { domainId, customerId, ...page } }) =>
      ok(presentPage(await listMailboxes(ctx.em, ctx.scope, { domainId, customerId }, page), presentMailbox)),
  }),
  route({
    method: 'post',
    path: '/email/mailboxes',
    summary: 'Create a mailbox; without a password one is made, to be revealed once',
    tag,
    permission,
    body: z.strictObject({ ...newMailbox, password: mailPassword.optional(), quotaMb: quotaMb.default(2048) }),
    responses: { 201: z.strictObject({ mailbox: Mailbox, job: JobRef }) },
    handler: async (ctx, { body }) => {
      const { mailbox, job } = await createMailbox(ctx, body);
      return created({ mailbox: presentMailbox(mailbox), job: presentJobRef(job) });
    },
  }),
  route({
    method: 'put',
    path: '/email/mailboxes/:id',
    summary: 'Change password or quota of a mailbox; its address stays',
    tag,
    permission,
    params: byId,
    body: z.strictObject(newMailbox).partial(),
    responses: { 200: Mailbox.extend({ jobId: uuid }) },
    handler: async (ctx, { params, body }) => {
      const { mailbox, job } = await updateMailbox(ctx, params.id, body);
      return ok({ ...presentMailbox(mailbox), jobId: job.id });
    },
  }),
  route({
    method: 'post',
    path: '/email/mailboxes/:id/reveal',
    summary: 'Show a generated password, once',
    tag,
    permission: 'email.reveal',
    idempotency: 'none',
    params: byId,
    responses: { 200: z.strictObject({ localPart: z.string(), password: z.string() }) },
    handler: async (ctx, { params }) => {
      const { id, localPart, passwordSecretId } = seen(ctx, await findMailbox(ctx.em, ctx.scope, params.id));
      const password = await reveal(ctx, { id: passwordSecretId, action: 'mailbox.password_revealed', resourceId: id });
      return ok({ localPart, password });
    },
  }),
  route({
    method: 'delete',
    path: '/email/mailboxes/:id',
    summary: 'Delete a mailbox with its mail',
    tag,
    permission,
    params: byId,
    responses: { 202: z.strictObject({ job: JobRef }) },
    handler: async (ctx, { params }) => accepted({ job: presentJobRef(await deleteMailbox(ctx, params.id)) }),
  }),
];

export const emailRoutes = [...domains, ...mailboxes];
