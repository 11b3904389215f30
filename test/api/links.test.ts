import { describe, expect, test } from '@jest/globals';
import { ErrorBody } from '../../api/contracts/mpanel/errors.ts';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import { openApi } from '../../api/http/openapi.ts';
import { loadConfig } from '../../runtime/config.ts';

interface Operation {
  operationId: string;
  responses: Record<string, { links?: Record<string, { operationId: string; parameters: Record<string, string> }> }>;
}

const config = loadConfig({
  DATABASE_URL: 'postgres://nowhere',
  JWT_SECRET: 'x'.repeat(32),
  SEAL_KEY: Buffer.alloc(32).toString('base64'),
});
const { paths } = openApi(mpanelRoutes, ErrorBody, config) as { paths: Record<string, Record<string, Operation>> };
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method} ${path.slice('/api'.length)}`,
    ...operation,
  })),
);
const nameOf = new Map(operations.map(({ operationId, name }) => [operationId, name]));

/** Where each create leads to, and with which id. */
const shown = operations.flatMap(({ name, responses }) =>
  Object.values(responses['201']?.links ?? {}).map(
    ({ operationId, parameters }) => `${name} -> ${nameOf.get(operationId)} ${JSON.stringify(parameters)}`,
  ),
);

const from = (create: string, id: string, ...to: string[]) =>
  to.map((target) => `post ${create} -> ${target} {"id":"$response.body#${id}"}`);
const row = (path: string, ...methods: string[]) => methods.map((method) => `${method} ${path}/{id}`);
const JOB = [
  ...row('/jobs', 'get'),
  ...['get /jobs/{id}/events', 'post /jobs/{id}/events/ticket'],
  ...['retry', 'skip', 'give-up'].map((verb) => `post /jobs/{id}/${verb}`),
];
const RECORD = '{"id":"$request.path.id","recordId":"$response.body#/record/id"}';

/** By hand, from the contract: what can be asked of that which a create has made. */
const WANTED = [
  from('/api-keys', '/apiKey/id', ...row('/api-keys', 'delete')),
  from('/oidc-connections', '/id', ...row('/oidc-connections', 'put', 'delete')),
  from('/tenants', '/id', ...row('/tenants', 'get')),
  from(
    '/users',
    '/id',
    ...row('/users', 'get', 'put', 'delete'),
    'post /users/{id}/invite',
    'delete /users/{id}/second-factor',
  ),
  from('/customers', '/id', ...row('/customers', 'get', 'put')),
  from('/products', '/id', ...row('/products', 'get', 'put', 'delete')),
  from('/billing/tax-rates', '/id', ...row('/billing/tax-rates', 'delete')),
  from('/billing/coupons', '/id', ...row('/billing/coupons', 'get', 'put', 'delete')),
  from(
    '/orders',
    '/order/id',
    ...row('/orders', 'get'),
    'get /orders/{id}/timeline',
    'post /orders/{id}/timeline/ticket',
  ),
  from('/orders', '/invoice/id', ...row('/invoices', 'get'), 'patch /invoices/{id}/status'),
  from('/cloudpods', '/cloudPod/id', ...row('/cloudpods', 'get', 'delete')),
  from(
    '/cloudpods',
    '/cloudPod/id',
    ...['suspend', 'unsuspend', 'reveal'].map((verb) => `post /cloudpods/{id}/${verb}`),
  ),
  from('/domains/register', '/domain/id', ...row('/domains', 'get', 'put'), 'post /domains/{id}/renew'),
  from(
    '/email/mailboxes',
    '/mailbox/id',
    ...row('/email/mailboxes', 'put', 'delete'),
    'post /email/mailboxes/{id}/reveal',
  ),
  from(
    '/ssl/certificates',
    '/certificate/id',
    'post /ssl/certificates/{id}/renew',
    'get /ssl/certificates/{id}/download',
  ),
  from('/guardian/remediations/request', '/id', 'post /guardian/remediations/{id}/approve-tenant'),
  from('/guardian/remediations/request', '/id', 'post /guardian/remediations/{id}/approve-platform'),
  ['put', 'delete'].map(
    (method) => `post /dns/zones/{id}/records -> ${method} /dns/zones/{id}/records/{recordId} ${RECORD}`,
  ),
  ...['/cloudpods', '/domains/register', '/email/domains', '/email/mailboxes', '/ssl/certificates'].map((create) =>
    from(create, '/job/id', ...JOB),
  ),
  JOB.map((target) => `post /dns/zones/{id}/records -> ${target} {"id":"$response.body#/job/id"}`),
].flat();

describe('From what a create answers', () => {
  test('links lead to all that can be asked of it, and to nothing else', () => {
    expect(shown.sort()).toEqual(WANTED.sort());
  });

  test('every link gives its operation each parameter of its path', () => {
    for (const { responses } of operations)
      for (const { operationId, parameters } of Object.values(responses['201']?.links ?? {}))
        expect([operationId, Object.keys(parameters)]).toEqual([
          operationId,
          [...(nameOf.get(operationId) ?? '').matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
        ]);
  });
});
