import type { Route } from '../../api/http/route.ts';
import { nameOf, type Seed, type Seeds } from './seeds.ts';

type Json = Record<string, unknown>;
interface Operation {
  parameters?: { name: string; in: string; schema: Json; examples?: Json }[];
  operationId: string;
  responses: Record<string, { links?: Record<string, { operationId: string }> }>;
  requestBody?: { required?: boolean; content: Record<string, { schema: Json; examples?: Json }> };
}
export interface Document extends Json {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json> };
}

/**
 * The API's own document, where each operation tells of rows that exist: as examples, and among the values that its ids take.
 * What an answer may look like stays as it is.
 */
export function seeded(document: Document, routes: readonly Route[], seeds: Seeds): Document {
  const copy = JSON.parse(readable(JSON.stringify(document))) as Document;
  const ids = idsOf([...seeds.values()].flat());
  for (const route of routes) {
    const operation = copy.paths[`/api${route.path.replace(/:(\w+)/g, '{$1}')}`]?.[route.method];
    if (!operation) throw new Error(`${nameOf(route)} is not in the document`);
    const wishes = seeds.get(nameOf(route)) ?? [];
    seedPath(operation, route.path, wishes);
    for (const place of ['header', 'query'] as const) seedNamed(operation, place, wishes);
    seedBody(operation, wishes, ids);
  }
  return copy;
}

/** The part of a seeded document that its links lead through: they start from requests that work, and from no others. */
export function linked(document: Document): Document {
  const all = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const sources = new Set(all.filter((operation) => linksOf(operation).length));
  const reached = new Set(all.flatMap(linksOf).map(({ operationId }) => operationId));
  for (const operation of sources) onlyAsExamples(operation);
  const kept = Object.entries(document.paths).map(([path, methods]) => {
    const here = Object.entries(methods).filter(([, one]) => sources.has(one) || reached.has(one.operationId));
    return [path, Object.fromEntries(here)] as const;
  });
  return { ...document, paths: Object.fromEntries(kept.filter(([, methods]) => Object.keys(methods).length)) };
}

export const linksOf = ({ responses }: Operation): { operationId: string }[] =>
  Object.values(responses).flatMap(({ links = {} }) => Object.values(links));

/** Without an Idempotency-Key: one that comes again is answered with what may be gone by then. */
function onlyAsExamples(operation: Operation): void {
  const parameters = operation.parameters?.filter((one) => one.in === 'path') ?? [];
  operation.parameters = parameters;
  for (const one of [...parameters, ...Object.values(operation.requestBody?.content ?? {})]) {
    const values = Object.values(one.examples ?? {}).map((example) => (example as { value: unknown }).value);
    one.schema = { enum: values };
  }
}

/** Python, which makes up the requests, knows no \p{Cc} in patterns. */
const readable = (json: string) => json.replaceAll('\\\\p{Cc}', '\\\\x00-\\\\x1f\\\\x7f-\\\\x9f');

function seedPath(operation: Operation, path: string, wishes: Seed[]): void {
  const pattern = new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
  const found = wishes.map((wish) => wish.path.match(pattern)?.groups ?? {});
  for (const parameter of operation.parameters?.filter((one) => one.in === 'path') ?? []) {
    const values = found.flatMap(({ [parameter.name]: value }) => value ?? []);
    parameter.examples = examples(values);
    parameter.schema = amongst(parameter.schema, values);
  }
}

function seedNamed(operation: Operation, place: 'header' | 'query', wishes: Seed[]): void {
  for (const parameter of operation.parameters?.filter((one) => one.in === place) ?? [])
    parameter.examples = examples(wishes.flatMap((wish) => wish[place]?.[parameter.name] ?? []));
}

/** Bytes that are signed are sent as they are: as text, for JSON would be written anew. */
function seedBody(operation: Operation, wishes: Seed[], ids: ReadonlyMap<string, string[]>): void {
  const bytes = wishes.flatMap(({ body }) => (typeof body === 'string' ? body : []));
  if (bytes.length)
    operation.requestBody = { content: { 'text/plain': { schema: { type: 'string' }, examples: examples(bytes) } } };
  const json = operation.requestBody?.content['application/json'];
  if (!json) return;
  json.examples = examples(wishes.flatMap(({ body }) => body ?? []));
  json.schema = withIds(json.schema, ids) as Json;
}

const examples = (values: unknown[]): Json => Object.fromEntries(values.map((value, n) => [`seed${n + 1}`, { value }]));

const amongst = (schema: Json, values: string[]): Json =>
  values.length ? { anyOf: [{ enum: values }, schema] } : schema;

/** Every id that a request names, by the name of its field. */
function idsOf(wishes: Seed[]): Map<string, string[]> {
  const ids = new Map<string, Set<string>>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (/\wId$/.test(key) && typeof inner === 'string') ids.set(key, (ids.get(key) ?? new Set()).add(inner));
      else walk(inner);
    }
  };
  for (const { body } of wishes) walk(body);
  return new Map([...ids].map(([key, values]) => [key, [...values]]));
}

function withIds(schema: unknown, ids: ReadonlyMap<string, string[]>): unknown {
  if (Array.isArray(schema)) return schema.map((one) => withIds(one, ids));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) =>
      ids.has(key) && typeof value === 'object' && value !== null
        ? [key, amongst(value as Json, ids.get(key) ?? [])]
        : [key, withIds(value, ids)],
    ),
  );
}
