import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Router } from 'express';

const ASSETS = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <link rel="icon" href="data:,">
    <title>mpanel API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

// In a file of its own: the content security policy allows no inline script, nor requests to another origin than the
// page's, which may be one more name of this machine.
const START = `const servers = [{ url: location.origin }];
fetch('/openapi.json').then((answer) => answer.json()).then((document) =>
  SwaggerUIBundle({ spec: { ...document, servers }, dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: true }),
);
`;

/** The API's documentation to browse and try, from our own disk. */
export function serveDocs(): Router {
  const router = express.Router();
  router.get('/', (_req, res) => {
    res.type('html').send(PAGE);
  });
  router.get('/start.js', (_req, res) => {
    res.type('js').send(START);
  });
  router.use(express.static(ASSETS, { index: false }));
  return router;
}
