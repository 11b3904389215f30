import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ErrorBody } from '../../api/contracts/mpanel/errors.ts';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import { openApi } from '../../api/http/openapi.ts';
import type { Route } from '../../api/http/route.ts';
import { loadConfig } from '../../runtime/config.ts';
import { documented, endpointsOf, type Json } from '../support/contract.ts';

const nameOf = ({ method, path }: Route) => `${method.toUpperCase()} /api${path}`;
const mounted = new Map(mpanelRoutes.map((route) => [nameOf(route), route]));
const promised = endpointsOf('mpanel').map(({ method, path }) => `${method} ${path}`);
const document = documented('mpanel');

describe('What is promised is served', () => {
  test('every endpoint of the contract is mounted', () => {
    expect(promised).toHaveLength(77);
    expect(promised.filter((name) => !mounted.has(name))).toEqual([]);
  });

  test('the document and its list of endpoints name the same', () => {
    expect([...new Set(document.map(({ endpoint }) => endpoint))].sort()).toEqual([...promised].sort());
  });

  test('the OpenAPI document has every route that is mounted, and no other', () => {
    const config = loadConfig({
      DATABASE_URL: 'postgres://nowhere',
      JWT_SECRET: 'x'.repeat(32),
      SEAL_KEY: Buffer.alloc(32).toString('base64'),
    });
    const { paths } = openApi(mpanelRoutes, ErrorBody, config) as { paths: Record<string, Record<string, unknown>> };
    const shown = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(shown.sort()).toEqual([...mounted.keys()].sort());
  });
});

const served = document.filter(({ endpoint }) => mounted.has(endpoint));

describe("The document's own examples", () => {
  test.each(served.filter(({ query }) => query.length))('$endpoint takes its parameters', ({ endpoint, query }) => {
    const taken = z.toJSONSchema(mounted.get(endpoint)!.query!, { io: 'input', unrepresentable: 'any' });
    expect(Object.keys(taken.properties ?? {})).toEqual(expect.arrayContaining(query));
  });

  test.each(served.filter(({ body }) => body))('$endpoint takes its body', ({ endpoint, body }) => {
    expect(differences(schemaOf(mounted.get(endpoint)!.body!, 'input'), body!, false)).toEqual([]);
  });

  test.each(served.filter(({ response }) => response))('$endpoint answers its keys', ({ endpoint, response }) => {
    const schema = mounted.get(endpoint)!.responses[response!.status];
    expect(schema).toBeDefined();
    expect(differences(schemaOf(schema!, 'output'), response!.example, true)).toEqual([]);
  });

  test('a key that is left out, or is of another type, is seen', () => {
    const schema = schemaOf(z.strictObject({ id: z.string(), more: z.number().optional() }), 'output');
    expect(differences(schema, { id: 'a' }, true)).toEqual([]);
    expect(differences(schema, { id: 1, more: 1, else: 1 }, true)).toEqual([
      '.id is number, the schema says string',
      '.more is not required',
      '.else is not in the schema',
    ]);
  });
});

interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** As JSON Schema, with named shapes put where they are used. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const whole = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Schema;
  const inlined = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inlined);
    if (value === null || typeof value !== 'object') return value;
    const { $ref, ...rest } = value as Schema;
    if ($ref) return inlined({ ...whole.$defs?.[$ref.replace('#/$defs/', '')], ...rest });
    return Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, inlined(inner)]));
  };
  return inlined({ ...whole, $defs: {} }) as Schema;
}

/** What an example has that the schema does not; `strict`: each of its keys has to be required. */
function differences(schema: Schema, example: Json, strict: boolean, path = ''): string[] {
  const options = schema.anyOf ?? schema.oneOf;
  if (options) {
    const tried = options.map((option) =>
      differences({ ...schema, ...option, anyOf: option.anyOf!, oneOf: option.oneOf! }, example, strict, path),
    );
    return tried.reduce((best, next) => (next.length < best.length ? next : best));
  }
  const type = typeOf(example);
  const wanted = schema.type ?? typeOf((schema.const ?? schema.enum?.[0]) as Json | undefined);
  const fits = [wanted].flat().some((one) => one === type || (one === 'integer' && type === 'number'));
  if (wanted && !fits) return [`${path} is ${type}, the schema says ${wanted}`];
  if (Array.isArray(example))
    return example.flatMap((one, at) => differences(schema.items ?? {}, one, strict, `${path}[${at}]`));
  if (example === null || typeof example !== 'object') return [];
  return Object.entries(example).flatMap(([key, value]) => {
    const property = schema.properties?.[key];
    if (!property) return schema.additionalProperties ? [] : [`${path}.${key} is not in the schema`];
    if (strict && !schema.required?.includes(key)) return [`${path}.${key} is not required`];
    return differences(property, value, strict, `${path}.${key}`);
  });
}

function typeOf(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}
