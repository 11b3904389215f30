import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';

// An update takes the fields of a create, each of them optional: those that stay are refused where they differ.

function fieldsOf(schema: unknown): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodUnion) return [...new Set(schema.options.flatMap(fieldsOf))];
  throw new Error('a body is an object, or one of several');
}

const updates = mpanelRoutes
  .filter(({ method, path }) => method === 'put' && path.endsWith('/:id'))
  .flatMap((put) => {
    const created = mpanelRoutes.find(({ method, path }) => method === 'post' && `${path}/:id` === put.path);
    return created?.body ? [[put.path, put.body, created.body] as const] : [];
  });

test('there are such updates', () => {
  expect(updates.map(([path]) => path).sort()).toEqual([
    '/billing/coupons/:id',
    '/customers/:id',
    '/email/mailboxes/:id',
    '/oidc-connections/:id',
    '/products/:id',
    '/users/:id',
  ]);
});

describe.each(updates)('PUT %s', (_, changed, created) => {
  test('takes every field of POST', () => {
    expect(fieldsOf(changed)).toEqual(expect.arrayContaining(fieldsOf(created)));
  });

  test('needs none of them', () => {
    expect(changed?.safeParse({}).success).toBe(true);
  });
});
