import { type Format, formats } from './formats.ts';
import { own, ownStrings } from './own-formats.ts';
import type { Property } from './schema.ts';

/** A parameter as it arrives: text, a JSON boolean, or several values of one name. */
export type Raw = string | boolean | Raw[];
export type Errors = Record<string, string>;

/** Which named formats are looked at: those of PVE::JSONSchema alone, or also those of the other packages. */
export type Reach = 'golden' | 'all';

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+\.\d+|\d+\.|\.\d+|\d+)([eE][+-]?\d+)?$/;

function add(errors: Errors, path: string, message: string): void {
  errors[path] = errors[path] === undefined ? message : `${errors[path]}\\n${message}`;
}

/** Every property of the object against the schema: missing ones, wrong ones, unmet `requires`, unknown ones. */
export function checkObject(
  path: string,
  schema: Record<string, Property>,
  value: Record<string, Raw>,
  errors: Errors,
  reach: Reach,
): void {
  const at = (key: string) => (path ? `${path}.${key}` : key);
  for (const [key, property] of Object.entries(schema)) check(value[key], property, at(key), errors, reach);
  for (const key of Object.keys(value)) {
    const property = schema[key];
    if (!property)
      add(errors, at(key), 'property is not defined in schema and the schema does not allow additional properties');
    else if (property.requires && value[property.requires] === undefined)
      add(errors, at(property.requires), `missing property required by '${at(key)}'`);
  }
}

function check(value: Raw | undefined, schema: Property, path: string, errors: Errors, reach: Reach): void {
  if (value === undefined) {
    if (!schema.optional && !schema.alias) add(errors, path, 'property is missing and it is not optional');
    return;
  }
  const mistyped = typeError(schema.type, value);
  if (mistyped !== undefined) {
    add(errors, path, `type check ('${schema.type}') failed${mistyped}`);
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) check(item, schema.items ?? {}, `${path}[${index}]`, errors, reach);
    return;
  }
  const fault = valueError(typeof value === 'boolean' ? (value ? '1' : '0') : value, schema, path, reach);
  if (fault !== undefined) add(errors, path, fault);
}

function typeError(type: string | undefined, value: Raw): string | undefined {
  if (type === 'array') return Array.isArray(value) ? undefined : '';
  if (Array.isArray(value)) return ' - got ARRAY';
  if (typeof value === 'boolean') return type === 'boolean' ? undefined : ' - got JSON::PP::Boolean';
  const fits =
    type === 'boolean'
      ? value === '0' || value === '1'
      : type === 'integer'
        ? INTEGER.test(value)
        : type === 'number'
          ? NUMBER.test(value)
          : true;
  return fits ? undefined : ` - got '${value}'`;
}

/** The first complaint, in the order in which PVE looks: format, pattern, length, limits, enumeration. */
function valueError(value: string, schema: Property, path: string, reach: Reach): string | undefined {
  const format = formatError(schema.format, value, path, reach);
  if (format !== undefined) return `invalid format - ${format}\n`;
  if (schema.pattern !== undefined && !perl(schema.pattern).test(value))
    return 'value does not match the regex pattern';
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength)
    return `value may only be ${schema.maxLength} characters long`;
  if (schema.minLength !== undefined && length < schema.minLength)
    return `value must be at least ${schema.minLength} characters long`;
  if (NUMBER.test(value)) {
    if (schema.maximum !== undefined && Number(value) > schema.maximum)
      return `value must have a maximum value of ${schema.maximum}`;
    if (schema.minimum !== undefined && Number(value) < schema.minimum)
      return `value must have a minimum value of ${schema.minimum}`;
  }
  if (schema.enum && !schema.enum.includes(value))
    return `value '${value}' does not have a value in the enumeration '${schema.enum.join(', ')}'`;
  return undefined;
}

function formatError(format: Property['format'], value: string, path: string, reach: Reach): string | undefined {
  if (format === undefined) return undefined;
  const [, name = '', kind] = typeof format === 'string' ? (/^(.*?)(?:-(list|opt))?$/.exec(format) ?? []) : [];
  const strings = typeof format === 'string' ? (reach === 'all' ? ownStrings[format] : undefined) : format;
  try {
    if (strings) parsePropertyString(strings, value, path, reach);
    else applyNamed(reach === 'all' ? (own[name] ?? formats[name]) : formats[name], kind, value);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function applyNamed(format: Format | undefined, kind: string | undefined, value: string): void {
  if (!format || (kind === 'opt' && !value)) return;
  for (const part of kind === 'list' ? splitList(value) : [value]) format(part);
}

/** PVE's lists: separated by comma, semicolon, blank or NUL. */
export function splitList(value: string): string[] {
  return value.split(/[,;\s\0]+/).filter((part) => part !== '');
}

const TRUE = /^(1|on|yes|true)$/i;
const FALSE = /^(0|off|no|false)$/i;

/** Takes `virtio,bridge=vmbr0,firewall=1` apart by its schema; throws what PVE would say. */
export function parsePropertyString(
  schema: Record<string, Property>,
  text: string,
  path: string,
  reach: Reach = 'all',
): Record<string, string> {
  const found: Record<string, string> = {};
  const put = (key: string, value: string) => {
    if (found[key] !== undefined) throw new Error(`duplicate key in comma-separated list property: ${key}`);
    found[key] = value;
  };
  for (const part of text.split(',')) {
    if (/^\s*$/.test(part)) continue;
    const pair = /^([^=]+)=(.+)$/s.exec(part);
    if (pair) named(schema, String(pair[1]), String(pair[2]), put);
    else if (part.includes('=')) throw new Error('missing key in comma-separated list property');
    else put(defaultKey(schema), part);
  }
  const errors: Errors = {};
  checkObject(path, schema, found, errors, reach);
  const lines = Object.entries(errors).map(([key, message]) => `${key}: ${message}\n`);
  if (lines.length) throw new Error(`format error\n${lines.join('')}`.slice(0, -1));
  return found;
}

function named(
  schema: Record<string, Property>,
  key: string,
  value: string,
  put: (k: string, v: string) => void,
): void {
  const property = schema[key];
  if (property?.keyAlias) put(property.keyAlias, key);
  const real = property?.alias ?? key;
  const boolean = schema[real]?.type === 'boolean';
  put(real, boolean && TRUE.test(value) ? '1' : boolean && FALSE.test(value) ? '0' : value);
}

function defaultKey(schema: Record<string, Property>): string {
  const key = Object.keys(schema).find((name) => schema[name]?.default_key);
  if (!key) throw new Error('value without key, but schema does not define a default key');
  return key;
}

const compiled = new Map<string, RegExp>();

/** A Perl pattern as PVE anchors it, unbracketed: `^…$`, where `$` also stands before a last newline. */
function perl(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const made = new RegExp(`^${pattern.replaceAll('(?^:', '(?:').replaceAll('(?^i:', '(?i:')}\\n?$`);
  compiled.set(pattern, made);
  return made;
}
