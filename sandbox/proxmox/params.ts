import type { Raw } from './check.ts';
import { PveError } from './error.ts';
import { endpoints } from './schema.ts';

/**
 * The parameters of a call as PVE's HTTP server reads them: form or JSON. A name given twice becomes a list, a value ends
 * at a second bare `=`, JSON booleans stay booleans and JSON numbers become text.
 */
export function decodeParams(
  endpoint: string,
  query: string,
  body: string,
  contentType: string | undefined,
): Record<string, Raw> {
  const json = contentType?.startsWith('application/json') && body !== '';
  const sent = { ...decodeForm(query), ...(json ? decodeJson(body) : decodeForm(body)) };
  const properties = endpoints.get(endpoint)?.params ?? {};
  return Object.fromEntries(
    Object.entries(sent).map(([key, value]) => [
      key,
      properties[key]?.type === 'array' && !Array.isArray(value) ? [value] : value,
    ]),
  );
}

function decodeForm(text: string): Record<string, Raw> {
  const found: Record<string, Raw> = {};
  for (const pair of text.split(/[&;]/)) {
    const [key = '', value] = pair.split('=').map(unquote);
    if (value === undefined) continue;
    const old = found[key];
    found[key] = old === undefined ? value : Array.isArray(old) ? [...old, value] : [old, value];
  }
  return found;
}

function unquote(text: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-fA-F]{2})|[^\x20-\x7e]/gu, (all, hex?: string) =>
      hex ? String.fromCharCode(Number.parseInt(hex, 16)) : Buffer.from(all, 'utf8').toString('latin1'),
    );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function decodeJson(body: string): Record<string, Raw> {
  const value = parse(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const pairs = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(pairs.map(([key, inner]) => [key, raw(inner)]));
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new PveError(`malformed JSON string: ${(error as Error).message}`);
  }
}

function raw(value: unknown): Raw {
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(raw);
  return String(value);
}
