import { readFileSync } from 'node:fs';

/** What a contract's document says of one endpoint, by its own JSON examples. */
export interface Documented {
  /** `GET /api/jobs/:id` */
  endpoint: string;
  body?: Json;
  /** Names of the query's parameters. */
  query: string[];
  response?: { status: number; example: Json };
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const read = (name: string) => readFileSync(new URL(`../data/contracts/${name}`, import.meta.url), 'utf8');

export interface Row {
  method: string;
  path: string;
  section: string;
}

export const endpointsOf = (contract: string): Row[] => JSON.parse(read(`${contract}-endpoints.json`)) as Row[];

const ENDPOINT = /^(?:- )?\*\*(GET|POST|PUT|PATCH|DELETE)\*\* `([^`]+)`/;
const QUERY = /^\*\*Query(?: params)?:\*\*/;
const RESPONSE = /^\*\*Response (\d+)\*\*/;
const OBJECT = /^\*\*\w+ object:\*\*/;
const HEADING = /^#+ /;

/**
 * Reads a contract's Markdown: an example belongs to the endpoint and the label that stand last above it, the picture of an
 * object to the GET of its id.
 */
export function documented(contract: string): Documented[] {
  const found: Documented[] = [];
  let status: number | undefined;
  const lines = read(`${contract}.md`).split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const [, method, path] = ENDPOINT.exec(line) ?? [];
    const now = found.at(-1);
    if (method) {
      found.push({ endpoint: `${method} /api${path}`, query: [] });
      status = undefined;
    } else if (HEADING.test(line)) found.push({ endpoint: '', query: [] });
    else if (now && QUERY.test(line)) now.query = [...line.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
    else if (RESPONSE.test(line)) status = Number(RESPONSE.exec(line)![1]);
    else if (OBJECT.test(line)) found.push({ ...found.findLast(({ endpoint }) => /^GET .*:id$/.test(endpoint))! });
    else if (now && line === '```json') {
      const end = lines.indexOf('```', at);
      const example = JSON.parse(lines.slice(at + 1, end).join('\n')) as Json;
      if (status !== undefined || now.endpoint.startsWith('GET')) now.response = { status: status ?? 200, example };
      else now.body = example;
      at = end;
    }
  }
  return found.filter(({ endpoint }) => endpoint);
}
