import { z } from 'zod';
import { accepted, created, noContent, ok, publicRoute, route } from '../../http/route.ts';
import { changePassword } from '../../usecases/passwords/change.ts';
import { forgetPassword } from '../../usecases/passwords/forget.ts';
import { setPassword } from '../../usecases/passwords/set.ts';
import { answerChallenge } from '../../usecases/second-factor/challenge.ts';
import { confirm, enrol, switchOff } from '../../usecases/second-factor/own.ts';
import { login } from '../../usecases/sessions/login.ts';
import { logout } from '../../usecases/sessions/logout.ts';
import { me } from '../../usecases/sessions/me.ts';
import { refresh } from '../../usecases/sessions/refresh.ts';
import { presentSession, presentSignedIn } from './present/people.ts';
import { Challenged, email, empty, Me, password, Renewed, Session } from './schemas/index.ts';

const tag = 'Auth';
/** Six digits, or a recovery code. */
const code = z.string().min(6).max(40);
/** A password as somebody types it; it may be older than the rules for new ones. */
const typed = z.string().min(1).max(1024);

export const authRoutes = [
  publicRoute({
    method: 'post',
    path: '/auth/login',
    summary: 'Sign in',
    tag,
    guarded: true,
    body: z.strictObject({ email: z.string().min(1).max(254), password: typed }),
    responses: { 200: Session, 202: Challenged },
    handler: async (ctx, { body }) => {
      const opened = await login(ctx, body);
      if (!('challenge' in opened)) return ok(presentSession(opened));
      const { challenge, expiresAt } = opened;
      return accepted({ secondFactor: { challenge, expiresAt: expiresAt.toISOString() } });
    },
  }),
  publicRoute({
    method: 'post',
    path: '/auth/login/second-factor',
    summary: 'Complete a sign-in with a code of the authenticator app, or a recovery code',
    tag,
    guarded: true,
    body: z.strictObject({ challenge: z.string().min(1).max(4096), code }),
    responses: { 200: Session },
    handler: async (ctx, { body }) => ok(presentSession(await answerChallenge(ctx, body))),
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
    method: 'post',
    path: '/auth/logout',
    summary: 'End this session',
    tag,
    permission: 'session.write',
    idempotency: 'none',
    responses: { 204: empty },
    handler: async (ctx) => {
      await logout(ctx);
      return noContent();
    },
  }),
  route({
    method: 'post',
    path: '/auth/password',
    summary: 'Change the own password; ends all other sessions',
    tag,
    permission: 'session.write',
    idempotency: 'none',
    body: z.strictObject({ currentPassword: typed, password }),
    responses: { 204: empty },
    handler: async (ctx, { body }) => {
      await changePassword(ctx, body);
      return noContent();
    },
  }),
  publicRoute({
    method: 'post',
    path: '/auth/password/forgot',
    summary: 'Have a link for a new password mailed; the answer is the same for an address that nobody has',
    tag,
    guarded: true,
    body: z.strictObject({ email }),
    responses: { 204: empty },
    handler: async (ctx, { body }) => {
      await forgetPassword(ctx, body.email);
      return noContent();
    },
  }),
  publicRoute({
    method: 'post',
    path: '/auth/password/reset',
    summary: 'Set a password by the token of a mailed link: a forgotten one, or the first one of an invitation',
    tag,
    guarded: true,
    body: z.strictObject({ token: z.string().min(1).max(100), password }),
    responses: { 204: empty },
    handler: async (ctx, { body }) => {
      await setPassword(ctx, body);
      return noContent();
    },
  }),
  route({
    method: 'post',
    path: '/auth/second-factor',
    summary: 'Begin to switch a second factor on: a secret for an authenticator app',
    tag,
    permission: 'session.write',
    idempotency: 'none',
    body: z.strictObject({ password: typed }),
    responses: { 201: z.strictObject({ secret: z.string(), uri: z.string() }) },
    handler: async (ctx, { body }) => created(await enrol(ctx, body.password)),
  }),
  route({
    method: 'post',
    path: '/auth/second-factor/confirm',
    summary: 'Switch it on by a code; answers the recovery codes, once',
    tag,
    permission: 'session.write',
    idempotency: 'none',
    body: z.strictObject({ code }),
    responses: { 200: z.strictObject({ recoveryCodes: z.array(z.string()) }) },
    handler: async (ctx, { body }) => ok({ recoveryCodes: await confirm(ctx, body.code) }),
  }),
  route({
    method: 'post',
    path: '/auth/second-factor/off',
    summary: 'Switch it off, with the password and a code',
    tag,
    permission: 'session.write',
    idempotency: 'none',
    body: z.strictObject({ password: typed, code }),
    responses: { 204: empty },
    handler: async (ctx, { body }) => {
      await switchOff(ctx, body);
      return noContent();
    },
  }),
  route({
    method: 'get',
    path: '/auth/me',
    summary: 'Who is signed in, and what that allows',
    tag,
    permission: 'session.read',
    responses: { 200: Me },
    handler: async (ctx) => {
      const { user, secondFactor } = await me(ctx);
      return ok({
        ...presentSignedIn(user),
        permissions: ctx.caller.permissions,
        customerId: user.customerId ?? null,
        secondFactor,
      });
    },
  }),
];
