import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ErrorBody } from '../../api/contracts/mpanel/errors.ts';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';

/** Places without a shape of their own, by shape and field, and why. */
const OPEN: Record<string, string> = {
  'Error.error.details free-form': 'the contract shows {}; its keys follow from the code',
  'AuditEvent.metadata free-form': 'what an action adds, by action',
  'AuditEvent.before free-form': 'columns of whatever row was changed',
  'AuditEvent.after free-form': 'columns of whatever row was changed',
  'GuardianFinding.evidence free-form': 'what was seen, by kind of weakness',
  'SystemEvent.data free-form': 'what an event adds, by type',
  'Product.metadata all optional': 'the contract shows {}: a domain says nothing more about itself',
  'BillingPlan.metadata all optional': 'the contract shows {}: a domain says nothing more about itself',
};

interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  prefixItems?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  $defs?: Record<string, Schema>;
  $ref?: string;
  const?: unknown;
  enum?: unknown[];
}

const SAYS = ['type', '$ref', 'const', 'enum', 'anyOf', 'oneOf', 'allOf'];

/** Places of a schema that say nothing of what comes there, or let all of it be left out. */
function openIn(schema: Schema, at: string): string[] {
  const { properties = {}, required = [], additionalProperties, items, $defs = {} } = schema;
  const found = Object.entries($defs).flatMap(([name, one]) => openIn(one, name));
  if (!SAYS.some((key) => key in schema)) found.push(`${at} free-form`);
  if ([schema.type].flat().includes('object')) {
    if (additionalProperties !== false) found.push(`${at} free-form`);
    else if (required.length === 0) found.push(`${at} all optional`);
  }
  for (const [name, one] of Object.entries(properties)) found.push(...openIn(one, `${at}.${name}`));
  const { anyOf = [], oneOf = [], allOf = [], prefixItems = [] } = schema;
  for (const one of [...anyOf, ...oneOf, ...allOf, ...prefixItems]) found.push(...openIn(one, at));
  return items ? [...found, ...openIn(items, `${at}[]`)] : found;
}

const open = (schema: z.ZodType, at: string) =>
  openIn(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as Schema, at);

describe('Every answer has a shape', () => {
  test('that leaves no key free and none but some to be left out', () => {
    const answers = mpanelRoutes.flatMap(({ method, path, responses }) =>
      Object.entries(responses)
        .filter(([, schema]) => !(schema instanceof z.ZodUndefined))
        .flatMap(([status, schema]) => open(schema, `${method} ${path} ${status}`)),
    );
    expect([...new Set([...answers, ...open(ErrorBody, 'Error')])].sort()).toEqual(Object.keys(OPEN).sort());
  });

  test.each([
    ['a record', z.strictObject({ a: z.record(z.string(), z.number()) }), ['it.a free-form']],
    ['more than is named', z.strictObject({ a: z.looseObject({ b: z.string() }) }), ['it.a free-form']],
    ['anything', z.strictObject({ a: z.array(z.unknown()) }), ['it.a[] free-form']],
    ['nothing but what may be missing', z.array(z.strictObject({ a: z.string().optional() })), ['it[] all optional']],
    ['one of them', z.union([z.strictObject({}), z.string()]).nullable(), ['it all optional']],
    ['a closed one', z.strictObject({ a: z.string(), b: z.string().optional() }), []],
  ])('%s is seen', (_, schema, places) => {
    expect(open(schema, 'it')).toEqual(places);
  });
});
