import { z } from 'zod';
import { type Config, publicUrl } from '../../runtime/config.ts';
import { VERSION } from '../../runtime/version.ts';
import { IDEMPOTENCY_KEY } from './idempotency.ts';
import { linksFrom, operationIdOf } from './links.ts';
import type { Route } from './route.ts';

type Json = Record<string, unknown>;

/** OpenAPI 3.1 of a table of routes mounted under /api, from the schemas that validate. */
export function openApi(routes: readonly Route[], errorBody: z.ZodType, config: Config): Json {
  const schemas: Json = {};
  const refused = { description: 'Refused', content: json(errorBody, 'output', schemas) };
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = `/api${route.path.replace(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method]: operation(route, routes, refused, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'mpanel', version: VERSION, description: 'The contract of the panel, with its declared additions.' },
    servers: [{ url: publicUrl(config) }],
    paths,
    components: {
      schemas,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function operation(route: Route, routes: readonly Route[], refused: Json, schemas: Json): Json {
  const responses: Json = { default: refused };
  for (const [status, schema] of Object.entries(route.responses))
    responses[status] = {
      description: DESCRIPTIONS[status] ?? 'Answer',
      ...content(route, schema, schemas),
      ...(Number(status) === 201 ? linked(linksFrom(route, schema, routes)) : {}),
    };
  const parameters = [
    ...inParameters('path', route.params, schemas),
    ...inParameters('query', route.query, schemas),
    ...inParameters('header', route.headers, schemas),
  ];
  if (route.idempotency !== 'none')
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      schema: { type: 'string', pattern: IDEMPOTENCY_KEY.source },
    });
  return {
    operationId: operationIdOf(route),
    summary: route.summary,
    tags: [route.tag],
    security: route.permission === 'public' ? [] : [{ bearer: [] }],
    ...(parameters.length ? { parameters } : {}),
    ...(route.body ? { requestBody: requestBody(route.body, schemas) } : {}),
    responses,
  };
}

const linked = (links: Json): Json => (Object.keys(links).length ? { links } : {});

/** Where every field may be missing, so may the body. */
function requestBody(schema: z.ZodType, schemas: Json): Json {
  return { required: !schema.safeParse({}).success, content: json(schema, 'input', schemas) };
}

const DESCRIPTIONS: Record<string, string> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'Done',
  303: 'Go on there',
};

function content(route: Route, schema: z.ZodType, schemas: Json): Json {
  if (schema instanceof z.ZodUndefined) return {};
  if (route.contentType) return { content: { [route.contentType]: { schema: { type: 'string' } } } };
  return { content: json(schema, 'output', schemas) };
}

function json(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  return { 'application/json': { schema: jsonSchema(schema, io, schemas) } };
}

function inParameters(place: 'path' | 'query' | 'header', schema: z.ZodType | undefined, schemas: Json): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input', schemas) as {
    properties?: Json;
    required?: string[];
  };
  return Object.entries(properties).map(([name, value]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: value,
  }));
}

/** Named schemas become components, so that each shape is written once. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const { $schema: _, $defs, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  const hoist = (value: unknown): Json =>
    JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
  for (const [name, value] of Object.entries(($defs ?? {}) as Json)) schemas[name] = hoist(value);
  return hoist(rest);
}
