import express, { type Express } from 'express';
import helmet from 'helmet';
import { AppError, notFound } from '../core/app-error.ts';
import type { Deps } from './context.ts';
import { ErrorBody, presentError } from './contracts/mpanel/errors.ts';
import { mpanelRoutes } from './contracts/mpanel/index.ts';
import { bindRoutes } from './http/bind.ts';
import { codecServer } from './http/codec.ts';
import { cors } from './http/cors.ts';
import { serveDocs } from './http/docs.ts';
import { handleErrors } from './http/errors.ts';
import { createMetrics, serveMetrics } from './http/metrics.ts';
import { observe } from './http/observe.ts';
import { openApi } from './http/openapi.ts';
import { servePasswordPage } from './http/password-page.ts';
import { createLimits } from './http/rate-limit.ts';
import { serveSignedInPage } from './http/signed-in-page.ts';
import { createTokens, type Tokens } from './http/tokens.ts';

/** `ready`: the database is there and its schema is this version's; before that everything answers 503. */
export interface Readiness {
  ready: boolean;
}

/** The API on one port: the contract under /api; /metrics, /openapi.json, /docs, /codec, /password and /signed-in beside it. */
export function createApp(deps: Deps, readiness: Readiness = { ready: true }): Express {
  const { config, logger } = deps;
  const app = express();
  const metrics = createMetrics();
  app.set('trust proxy', config.TRUST_PROXY.length ? config.TRUST_PROXY : false);
  app.set('etag', false);
  app.disable('x-powered-by');
  app.use(observe(logger, metrics));
  // Served over plain HTTP on loopback too: browsers must not be told to upgrade.
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }));
  const tokens = createTokens(config.JWT_SECRET);
  app.use('/codec', codecServer({ ...deps, tokens, ready: () => readiness.ready }));
  app.use('/password', servePasswordPage());
  app.use('/signed-in', serveSignedInPage());
  app.use(cors(config.CORS_ORIGINS));
  app.get('/metrics', serveMetrics(metrics, config.METRICS_TOKEN));
  app.use('/api', api({ ...deps, tokens }, readiness));
  const document = openApi(mpanelRoutes, ErrorBody, config);
  app.get('/openapi.json', (_req, res) => {
    res.json(document);
  });
  app.use('/docs', serveDocs());
  app.get('/', (_req, res) => res.redirect('/docs'));
  app.use(() => {
    throw notFound();
  });
  app.use(handleErrors(logger, presentError));
  return app;
}

function api(deps: Deps & { tokens: Tokens }, readiness: Readiness) {
  const router = express.Router();
  const limits = createLimits(deps.config, () => deps.orm.em.fork(), deps.logger);
  router.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    if (!readiness.ready) throw new AppError('STARTING', 'Waiting for the database.');
    next();
  });
  router.use(limits.first);
  bindRoutes(router, mpanelRoutes, {
    ...deps,
    limits,
    checkResponses: deps.config.MPANEL_MODE === 'sandbox',
  });
  router.use(limits.rest, limits.failed);
  return router;
}
