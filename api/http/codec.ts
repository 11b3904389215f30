import type { PayloadCodec } from '@temporalio/common';
import express, { type Request, type RequestHandler, type Router } from 'express';
import { z } from 'zod';
import { AppError, notFound } from '../../core/app-error.ts';
import { findActiveUser } from '../../db/queries/users.ts';
import { asPlatform } from '../../db/tenant-scope.ts';
import { keyRing, publicUrl } from '../../runtime/config.ts';
import { createPayloadCodec } from '../../runtime/payloads.ts';
import type { Deps } from '../context.ts';
import { authenticate } from './auth.ts';
import { serveCodecPage } from './codec-page.ts';
import { CODEC_SECONDS, type Tokens } from './tokens.ts';

/** The payloads of one page of a long history. */
const BODY_LIMIT = '16mb';
const COOKIE = 'mpanel_codec';

/** Payloads as proto3 JSON writes them: bytes in base64. */
const Payloads = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), z.base64()).default({}), data: z.base64().default('') })),
});
type Payloads = z.infer<typeof Payloads>;

/**
 * Temporal's codec server protocol (temporalio/samples-go, codec-server/protocol.md) for its UI and CLI, and only for
 * administrators of the platform: by access token, or by the cookie that one is exchanged for, since a browser sends the
 * UI's requests without a token of ours.
 */
export function codecServer(deps: Deps & { tokens: Tokens; ready(): boolean }): Router {
  const { config, orm, tokens } = deps;
  const codec = createPayloadCodec(keyRing(config));
  const secure = publicUrl(config).startsWith('https:');
  const router = express.Router();
  router.use(uiCors(config.TEMPORAL_UI_ORIGINS));
  router.use(serveCodecPage());
  router.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    if (!deps.ready()) throw new AppError('STARTING', 'Waiting for the database.');
    next();
  });

  router.post('/session', async (req, res) => {
    const { userId, roles } = await authenticate(orm.em.fork(), tokens, req);
    if (!roles.includes('platform_admin')) throw notFound();
    const cookie = {
      httpOnly: true,
      sameSite: 'strict',
      path: '/codec',
      maxAge: CODEC_SECONDS * 1000,
      secure,
    } as const;
    res
      .cookie(COOKIE, await tokens.codec(userId), cookie)
      .status(204)
      .end();
  });
  router.delete('/session', (_req, res) => {
    res.clearCookie(COOKIE, { path: '/codec' }).status(204).end();
  });

  const translate =
    (direction: keyof PayloadCodec): RequestHandler =>
    async (req, res) => {
      const userId = await operator(req);
      // The keys are those of our namespace; there are none for another.
      if ((req.get('x-namespace') ?? config.TEMPORAL_NAMESPACE) !== config.TEMPORAL_NAMESPACE) throw notFound();
      const { payloads } = read(req.body);
      const translated = await codec[direction](payloads.map(fromJson)).catch(refuse);
      deps.logger.info({ userId, direction, payloads: payloads.length }, 'payloads translated');
      res.json({ payloads: translated.map(toJson) });
    };
  const json = express.json({ limit: BODY_LIMIT, type: 'application/json' });
  router.post('/decode', json, translate('decode'));
  router.post('/encode', json, translate('encode'));
  return router;

  async function operator(req: Request): Promise<string> {
    const token = cookieOf(req);
    const em = orm.em.fork();
    if (!token || req.get('authorization')) {
      const { userId, roles } = await authenticate(em, tokens, req);
      if (!roles.includes('platform_admin')) throw notFound();
      return userId;
    }
    const userId = await tokens.verifyCodec(token);
    const user = await asPlatform('the page’s cookie names no tenant', () => findActiveUser(em, userId));
    if (!user?.roles.includes('platform_admin')) throw new AppError('UNAUTHENTICATED', 'Sign in at /codec first.');
    return user.id;
  }
}

/** Credentials are allowed, so the origin is named, never `*`. */
function uiCors(origins: readonly string[]): RequestHandler {
  return (req, res, next) => {
    const origin = req.get('origin');
    res.vary('Origin');
    if (origin && origins.includes(origin))
      res.set({
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Credentials': 'true',
        'Access-Control-Allow-Methods': 'POST',
        'Access-Control-Allow-Headers': 'Authorization, Authorization-Extras, Content-Type, X-Namespace',
        'Access-Control-Max-Age': '600',
      });
    if (req.method !== 'OPTIONS') return next();
    res.status(204).end();
  };
}

function cookieOf(req: Request): string | undefined {
  const pairs = (req.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === COOKIE)?.[1];
}

function read(body: unknown): Payloads {
  const { success, data } = Payloads.safeParse(body);
  if (!success)
    throw new AppError('VALIDATION_FAILED', 'Send { payloads: [{ metadata, data }] } with bytes in base64.');
  return data;
}

function refuse(error: Error): never {
  throw new AppError('VALIDATION_FAILED', `A payload cannot be decoded: ${error.message}.`);
}

const fromJson = ({ metadata, data }: Payloads['payloads'][number]) => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
  data: Buffer.from(data, 'base64'),
});

const base64 = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('base64');

const toJson = ({ metadata, data }: Awaited<ReturnType<PayloadCodec['decode']>>[number]) => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
  data: base64(data),
});
