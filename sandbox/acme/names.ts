import { isIP } from 'node:net';
import { malformed, Problem } from './problem.ts';

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const MOST = 100;

/** The DNS names of a newOrder payload, lower-case, sorted, each once. */
export function orderNames(identifiers: unknown): string[] {
  if (!Array.isArray(identifiers) || identifiers.length === 0)
    throw malformed('identifiers is not a list of at least one');
  if (identifiers.length > MOST) throw malformed(`an order may have ${MOST} identifiers`);
  const names = [...new Set(identifiers.map(orderName))].sort();
  for (const name of names)
    if (names.includes(name.replace(/^[^.]+/, '*')) && !name.startsWith('*'))
      throw malformed(`'${name}' is redundant with a wildcard in the same order`);
  return names;
}

function orderName(identifier: unknown): string {
  const { type, value } = Object(identifier) as { type?: unknown; value?: unknown };
  if (type !== 'dns') throw new Problem(400, 'unsupportedIdentifier', `identifier type '${type}' is not supported`);
  const name = String(value).toLowerCase();
  const labels = name.replace(/^\*\./, '').split('.');
  if (isIP(name) || name.length > 253 || labels.length < 2 || !labels.every((label) => LABEL.test(label)))
    throw new Problem(400, 'rejectedIdentifier', `cannot issue for '${name}'`);
  return name;
}
