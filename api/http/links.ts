import { z } from 'zod';
import type { Route } from './route.ts';

type Links = Record<string, { operationId: string; parameters: Record<string, string> }>;

export const operationIdOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string =>
  `${method}${path.replace(/[^a-z]+(\w)/gi, (_, letter: string) => letter.toUpperCase())}`;

/**
 * From an answer that tells of something new to what can be asked of it: POST /customers answers `id`, which is what
 * /customers/:id takes; POST /cloudpods answers `job.id`, which /jobs/:id takes.
 */
export function linksFrom(from: Route, schema: z.ZodType, routes: readonly Route[]): Links {
  const ids = idsIn(schema);
  const links = routes.flatMap((to) => {
    const [, above = '', parameter = ''] = ROW.exec(to.path) ?? [];
    const place = ids.find(({ noun }) => (noun ? noun === nounOf(above) : `${from.path}/`.startsWith(`${above}/`)));
    const outer = parametersOf(above);
    if (!parameter || !place || !outer.every((name) => parametersOf(from.path).includes(name))) return [];
    const parameters = Object.fromEntries(outer.map((name) => [name, `$request.path.${name}`]));
    parameters[parameter] = `$response.body#${place.pointer}`;
    return [[operationIdOf(to), { operationId: operationIdOf(to), parameters }] as const];
  });
  return Object.fromEntries(links);
}

/** A row's path, and what comes below it: /dns/zones/:id/records and recordId. */
const ROW = /^(.+)\/:(\w+)(?:\/[^:]+)?$/;

const parametersOf = (path: string): string[] => [...path.matchAll(/:(\w+)/g)].flatMap(([, name]) => name ?? []);

/** Of what stands above a row: /api-keys holds an `apiKey`, /email/mailboxes a `mailbox`. */
const nounOf = (path: string): string =>
  path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    .replace(/(x)es$|s$/, '$1')
    .toLowerCase();

/** Where an answer has ids, and of what; its own has no noun. */
function idsIn(schema: z.ZodType): { noun?: string; pointer: string }[] {
  const shape = shapeOf(schema);
  if ('id' in shape) return [{ pointer: '/id' }];
  return Object.entries(shape)
    .filter(([, value]) => 'id' in shapeOf(value))
    .map(([key]) => ({ noun: key.toLowerCase(), pointer: `/${key}/id` }));
}

/** Of a choice, one of its own. */
function shapeOf(schema: unknown): Record<string, unknown> {
  if (schema instanceof z.ZodUnion) return shapeOf(schema.options[0]);
  return schema instanceof z.ZodObject ? schema.shape : {};
}
