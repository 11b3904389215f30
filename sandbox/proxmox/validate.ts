import type { LogEntry } from '../lib/log.ts';
import { checkObject, type Errors, type Raw, type Reach } from './check.ts';
import { decodeParams } from './params.ts';
import { type Endpoint, endpoints } from './schema.ts';

/**
 * What PVE's parameter verification says about a call: undefined when it passes, else a message per parameter.
 * @param endpoint "METHOD /path/{param}"; path and body parameters come merged
 * @param reach `golden` leaves the formats unchecked that the recorded verdicts left unchecked
 */
export function validate(
  endpoint: string,
  params: Record<string, Raw>,
  reach: Reach = 'all',
  table: Map<string, Endpoint> = endpoints,
): Errors | undefined {
  const found = table.get(endpoint);
  if (!found) throw new Error(`no endpoint ${endpoint}`);
  const errors: Errors = {};
  checkObject('', found.params, params, errors, reach);
  return Object.keys(errors).length ? errors : undefined;
}

const templates = [...endpoints.keys()].map((name) => {
  const [method = '', path = ''] = name.split(' ');
  const keys = [...path.matchAll(/\{(\w+)\}/g)].map((match) => String(match[1]));
  const volume = path.endsWith('/content/{volume}') ? '(.+)' : '([^/]+)';
  const pattern = new RegExp(`^${path.replace(/\{\w+\}$/, volume).replaceAll(/\{\w+\}/g, '([^/]+)')}$`);
  return { name, method, pattern, keys };
});

/** The endpoint behind a request line, with the parameters of its path. `path` begins after /api2/json. */
export function findEndpoint(method: string, path: string): { name: string; uri: Record<string, string> } | undefined {
  for (const template of templates) {
    const match = template.method === method ? template.pattern.exec(path) : null;
    if (!match) continue;
    const values = template.keys.map((key, at) => [key, decodeURIComponent(String(match[at + 1]))]);
    return { name: template.name, uri: Object.fromEntries(values) as Record<string, string> };
  }
  return undefined;
}

/**
 * Holds a logged request against the schema once more: what a suite's adapters sent must all pass.
 * @returns the endpoint and the complaints, undefined for a call outside the API
 */
export function validateLogged(entry: LogEntry): { endpoint: string; errors?: Errors | undefined } | undefined {
  const [method = '', path = ''] = entry.operation.split(' ');
  const found = findEndpoint(method, path);
  if (!found) return undefined;
  const { query, headers, body } = entry.request as { query: string; headers: Record<string, string>; body: string };
  const params = { ...found.uri, ...decodeParams(found.name, query, body, headers['content-type']) };
  return { endpoint: found.name, errors: validate(found.name, params) };
}
