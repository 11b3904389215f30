import { z } from 'zod';
import type * as entities from '../../../db/entities/index.ts';
import { listConnections } from '../../../db/queries/oidc.ts';
import { panelUrl, publicUrl } from '../../../runtime/config.ts';
import { accepted, created, noContent, ok, publicRoute, route } from '../../http/route.ts';
import { createConnection, deleteConnection, updateConnection } from '../../usecases/oidc/connections.ts';
import { finishOidc, receiveOidc } from '../../usecases/oidc/finish.ts';
import { logoutOidc } from '../../usecases/oidc/logout.ts';
import { LOGIN_SECONDS, startOidc } from '../../usecases/oidc/start.ts';
import { presentPage } from './present/common.ts';
import { presentSession } from './present/people.ts';
import {
  byId,
  Challenged,
  empty,
  line,
  listOf,
  OidcConnection,
  pageQuery,
  RoleRule,
  Session,
} from './schemas/index.ts';

const tag = 'OpenID Connect';
const COOKIE = 'mpanel_oidc';

function present(row: entities.OidcConnection): z.infer<typeof OidcConnection> {
  const { id, name, issuer, clientId, roleClaim, roleRules, domains, createdAt } = row;
  return { id, name, issuer, clientId, roleClaim, roleRules, domains, createdAt: createdAt.toISOString() };
}

function cookieOf(header: string | undefined): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === COOKIE)?.[1];
}

const Connection = z.strictObject({
  name: line(),
  issuer: z.url().max(500),
  clientId: line(),
  clientSecret: z.string().min(1).max(1024),
  roleClaim: line(100),
  roleRules: z.array(RoleRule).min(1).max(100),
  domains: z.array(z.string().toLowerCase().max(253)).max(100),
});

export const oidcRoutes = [
  publicRoute({
    method: 'get',
    path: '/auth/oidc/:id/start',
    summary: 'Sign in by an OpenID provider: sends the browser there',
    tag,
    guarded: true,
    params: byId,
    responses: { 303: empty },
    handler: async (ctx, { params }) => {
      const { url, cookie } = await startOidc(ctx, params.id);
      // Lax: it has to come along when the provider's page leads back here.
      const secure = publicUrl(ctx.config).startsWith('https:') ? '; Secure' : '';
      const kept = `${COOKIE}=${cookie}; HttpOnly; SameSite=Lax; Path=/api/auth/oidc; Max-Age=${LOGIN_SECONDS}${secure}`;
      return { status: 303 as const, body: undefined, headers: { Location: url, 'Set-Cookie': kept } };
    },
  }),
  publicRoute({
    method: 'get',
    path: '/auth/oidc/:id/callback',
    summary: 'Where the provider sends the browser back to; leads to the panel with a code',
    tag,
    guarded: true,
    params: byId,
    query: z.record(z.string().max(100), z.string().max(4096)),
    responses: { 303: empty },
    handler: async (ctx, { params, query, header }) => {
      const code = await receiveOidc(ctx, { connectionId: params.id, query, cookie: cookieOf(header('cookie')) });
      return {
        status: 303 as const,
        body: undefined,
        headers: { Location: `${panelUrl(ctx.config)}/signed-in#${code}` },
      };
    },
  }),
  publicRoute({
    method: 'post',
    path: '/auth/oidc/finish',
    summary: 'Fetch the session with that code, once, in the same browser',
    tag,
    guarded: true,
    body: z.strictObject({ code: z.string().min(1).max(100) }),
    responses: { 200: Session, 202: Challenged },
    handler: async (ctx, { body, header }) => {
      const opened = await finishOidc(ctx, { code: body.code, cookie: cookieOf(header('cookie')) });
      if (!('challenge' in opened)) return ok(presentSession(opened));
      const { challenge, expiresAt } = opened;
      return accepted({ secondFactor: { challenge, expiresAt: expiresAt.toISOString() } });
    },
  }),
  publicRoute({
    method: 'post',
    path: '/auth/oidc/:id/logout',
    summary: 'Back-channel logout: the provider says who signed out there',
    tag,
    raw: true,
    params: byId,
    responses: { 200: empty },
    handler: async (ctx, { params, body }) => {
      const form = new URLSearchParams(Buffer.isBuffer(body) ? body.toString('utf8') : '');
      await logoutOidc(ctx, params.id, form.get('logout_token') ?? '');
      return ok(undefined);
    },
  }),
  route({
    method: 'get',
    path: '/oidc-connections',
    summary: 'OpenID providers that let people in',
    tag,
    permission: 'users.read',
    query: z.strictObject(pageQuery),
    responses: { 200: listOf(OidcConnection) },
    handler: async (ctx, { query }) => ok(presentPage(await listConnections(ctx.em, ctx.scope, query), present)),
  }),
  route({
    method: 'post',
    path: '/oidc-connections',
    summary: 'Let people in by an OpenID provider',
    tag,
    permission: 'users.write',
    body: Connection.extend({
      roleClaim: Connection.shape.roleClaim.default('groups'),
      domains: Connection.shape.domains.default([]),
    }),
    responses: { 201: OidcConnection },
    handler: async (ctx, { body }) => created(present(await createConnection(ctx, body))),
  }),
  route({
    method: 'put',
    path: '/oidc-connections/:id',
    summary: 'Change who is let in by it; its sessions end',
    tag,
    permission: 'users.write',
    params: byId,
    body: Connection.partial(),
    responses: { 200: OidcConnection },
    handler: async (ctx, { params, body }) => ok(present(await updateConnection(ctx, params.id, body))),
  }),
  route({
    method: 'delete',
    path: '/oidc-connections/:id',
    summary: 'Let nobody in by it any more; its sessions end',
    tag,
    permission: 'users.write',
    params: byId,
    responses: { 204: empty },
    handler: async (ctx, { params }) => {
      await deleteConnection(ctx, params.id);
      return noContent();
    },
  }),
];
