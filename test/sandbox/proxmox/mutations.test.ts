import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { validate } from '../../../sandbox/proxmox/validate.ts';

interface Fact {
  type?: string;
  optional?: number;
  format?: string | Record<string, Fact>;
  enum?: string[];
  pattern?: string;
  minimum?: number | string;
  maximum?: number | string;
  minLength?: number;
  maxLength?: number;
  requires?: string;
  default_key?: number;
}
type Params = Record<string, string>;
type Errors = Record<string, string>;
interface Row {
  method: string;
  params: Params;
  errors?: Errors;
}
/** A changed call, the parameter that was changed and what the facts say about its new value. */
interface Mutant {
  what: string;
  row: Row;
  params: Params;
  touched: string;
  said: Errors;
}

const read = (file: string) => JSON.parse(readFileSync(`test/data/pve/${file}`, 'utf8'));
const { cases } = read('param-golden-9.1.json') as { cases: Row[] };
const { methods } = read('facts-golden-9.1.json') as {
  methods: Record<string, { parameters: { properties: Record<string, Fact> } }>;
};

/** The facts about a parameter; `net0` stands there as `net[n]`. */
function factOf({ method }: Row, name: string): Fact | undefined {
  const properties = methods[method]?.parameters.properties ?? {};
  return properties[name] ?? properties[name.replace(/\d+$/, '[n]')];
}

const MISSING = 'property is missing and it is not optional';
const UNKNOWN = 'property is not defined in schema and the schema does not allow additional properties';
const missing = (row: Row, name: string): Errors => {
  const fact = factOf(row, name);
  return fact && !fact.optional ? { [name]: MISSING } : {};
};

function without(params: Params, name: string): Params {
  const { [name]: _gone, ...rest } = params;
  return rest;
}

function drop(row: Row, name: string): Mutant[] {
  return [{ what: 'drop', row, params: without(row.params, name), touched: name, said: missing(row, name) }];
}

function rename(row: Row, name: string): Mutant[] {
  const fresh = `x-${name}-x`;
  const params = { ...without(row.params, name), [fresh]: String(row.params[name]) };
  return [{ what: 'rename', row, params, touched: name, said: { ...missing(row, name), [fresh]: UNKNOWN } }];
}

function becomes(what: string, row: Row, name: string, value: string, message: string): Mutant {
  return { what, row, params: { ...row.params, [name]: value }, touched: name, said: { [name]: message } };
}

const enumeration = (value: string, allowed: string[]) =>
  `value '${value}' does not have a value in the enumeration '${allowed.join(', ')}'`;

function retype(row: Row, name: string): Mutant[] {
  const fact = factOf(row, name);
  if (!fact) return [];
  const typed = ['integer', 'number', 'boolean'].includes(fact.type ?? '');
  const wrong = ['x1y', '', ' 1', '0x10', '1,5'].map((value) =>
    becomes('retype', row, name, value, `type check ('${fact.type}') failed - got '${value}'`),
  );
  if (typed) return wrong;
  return fact.enum ? [becomes('retype', row, name, 'zzz', enumeration('zzz', fact.enum))] : [];
}

function stretch(row: Row, name: string): Mutant[] {
  const fact = factOf(row, name);
  const made: Mutant[] = [];
  if (fact?.maxLength) {
    const value = 'a'.repeat(fact.maxLength + 1);
    made.push(becomes('overlengthen', row, name, value, `value may only be ${fact.maxLength} characters long`));
  }
  if (fact?.minLength && !fact.pattern)
    made.push(becomes('shorten', row, name, '', `value must be at least ${fact.minLength} characters long`));
  // A value with a format of its own is refused by that before its size is looked at.
  if (fact?.format) return made;
  if (fact?.maximum !== undefined)
    made.push(
      becomes('exceed', row, name, `${Number(fact.maximum) + 1}`, `value must have a maximum value of ${fact.maximum}`),
    );
  if (fact?.minimum !== undefined)
    made.push(
      becomes(
        'undercut',
        row,
        name,
        `${Number(fact.minimum) - 1}`,
        `value must have a minimum value of ${fact.minimum}`,
      ),
    );
  return made;
}

/** The same to the parts of a property string that was right: `net0=name=eth0,…`. */
function inside(row: Row, name: string): Mutant[] {
  const parts = factOf(row, name)?.format;
  if (typeof parts !== 'object' || row.errors?.[name]) return [];
  const value = String(row.params[name]);
  const has = (key: string) => new RegExp(`(^|,)${key}=`).test(value);
  const says = (change: string, key: string, message: string) =>
    becomes(change, row, name, value, `invalid format - format error\n${name}.${key}: ${message}\n`);
  const put = (mutant: Mutant, changed: string): Mutant => ({ ...mutant, params: { ...row.params, [name]: changed } });
  const made = [put(says('part: rename', 'zzz', UNKNOWN), `${value},zzz=1`)];
  for (const [key, fact] of Object.entries(parts)) {
    const free = !has(key) && !fact.default_key && !fact.format;
    if (free && ['integer', 'number', 'boolean'].includes(fact.type ?? ''))
      made.push(
        put(says('part: retype', key, `type check ('${fact.type}') failed - got 'x1y'`), `${value},${key}=x1y`),
      );
    if (free && fact.enum)
      made.push(put(says('part: retype', key, enumeration('zzz', fact.enum)), `${value},${key}=zzz`));
    if (free && fact.maximum !== undefined)
      made.push(
        put(
          says('part: exceed', key, `value must have a maximum value of ${fact.maximum}`),
          `${value},${key}=${Number(fact.maximum) + 1}`,
        ),
      );
  }
  return made;
}

/** What is missing because another parameter asks for it. */
function required(row: Row, params: Params): Errors {
  const found: Errors = {};
  for (const name of Object.keys(params)) {
    const other = factOf(row, name)?.requires;
    if (!other || params[other] !== undefined) continue;
    const message = `missing property required by '${name}'`;
    // Two complaints about one parameter are joined by a backslash and an n, not by a line break.
    found[other] = found[other] ? `${found[other]}\\n${message}` : message;
  }
  return found;
}

/** The recorded verdict, with the facts' word on what was changed. */
function expected({ row, params, touched, said }: Mutant): Errors | undefined {
  const kept = Object.entries(row.errors ?? {}).filter(
    ([name, message]) => name !== touched && !message.startsWith('missing property required by'),
  );
  const errors = { ...Object.fromEntries(kept), ...required(row, params), ...said };
  return Object.keys(errors).length ? errors : undefined;
}

const mutants = cases.flatMap((row) =>
  Object.keys(row.params).flatMap((name) =>
    [drop, rename, retype, stretch, inside].flatMap((change) => change(row, name)),
  ),
);
const kinds = [...new Set(mutants.map(({ what }) => what))];

describe('the recorded calls, changed one parameter at a time', () => {
  test('there are many, of every kind', () => {
    expect(mutants.length).toBeGreaterThan(2000);
    expect(kinds.toSorted()).toEqual([
      'drop',
      'exceed',
      'overlengthen',
      'part: exceed',
      'part: rename',
      'part: retype',
      'rename',
      'retype',
      'shorten',
      'undercut',
    ]);
  });

  test.each(kinds)('%s', (kind) => {
    const wrong = mutants
      .filter(({ what }) => what === kind)
      .map((mutant) => ({
        mutant,
        verdict: validate(mutant.row.method, mutant.params, 'golden'),
        wanted: expected(mutant),
      }))
      .filter(({ verdict, wanted }) => JSON.stringify(sorted(verdict)) !== JSON.stringify(sorted(wanted)));
    expect(wrong.map(({ mutant, ...rest }) => [mutant.row.method, mutant.params, rest])).toEqual([]);
  });
});

const sorted = (errors: Errors | undefined) => errors && Object.entries(errors).sort();
