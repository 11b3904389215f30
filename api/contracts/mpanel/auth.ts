import { z } from 'zod';
import { ok, publicRoute, route } from '../../http/route.ts';
import { login } from '../../usecases/sessions/login.ts';
import { me } from '../../usecases/sessions/me.ts';
import { refresh } from '../../usecases/sessions/refresh.ts';
import { presentSignedIn } from './present/people.ts';
import { Me, Renewed, Session } from './schemas.ts';

const tag = 'Auth';

export const authRoutes = [
  publicRoute({
    method: 'post',
    path: '/auth/login',
    summary: 'Sign in',
    tag,
    guarded: true,
    body: z.strictObject({ email: z.string().min(1).max(254), password: z.string().min(1).max(1024) }),
    responses: { 200: Session },
    handler: async (ctx, { body }) => {
      const { token, refreshToken, user } = await login(ctx, body);
      return ok({ token, refreshToken, user: presentSignedIn(user) });
    },
  }),
  publicRoute({
    method: 'post',
    path: '/auth/refresh',
    summary: 'Get a new access token; with rotate also a new refresh token, which uses the old one up',
    tag,
    guarded: true,
    body: z.strictObject({ refreshToken: z.string().min(1).max(4096), rotate: z.boolean().default(false) }),
    responses: { 200: Renewed },
    handler: async (ctx, { body }) => ok(await refresh(ctx, body)),
  }),
  route({
    method: 'get',
    path: '/auth/me',
    summary: 'Who is signed in, and what that allows',
    tag,
    permission: 'session.read',
    responses: { 200: Me },
    handler: async (ctx) => {
      const user = await me(ctx);
      return ok({
        ...presentSignedIn(user),
        permissions: ctx.caller.permissions,
        customerId: user.customerId ?? null,
      });
    },
  }),
];
