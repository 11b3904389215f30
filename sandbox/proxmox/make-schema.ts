import { readFileSync, writeFileSync } from 'node:fs';
import { routes } from './routes.ts';

/**
 * Makes schema.json, the compact table behind the validator, from a facts file of the PVE API ("METHOD /path" to
 * parameters, permissions): only the endpoints that routes.ts serves, every distinct property once under `props`.
 *
 *   node sandbox/proxmox/make-schema.ts <facts.json>
 */
const [file] = process.argv.slice(2);
if (!file) throw new Error('usage: make-schema.ts <facts.json>');

interface Method {
  parameters?: { properties?: Record<string, unknown> };
  permissions?: { check?: unknown };
  proxyto?: string;
}

const { methods, meta } = JSON.parse(readFileSync(file, 'utf8')) as { methods: Record<string, Method>; meta: unknown };
const props: unknown[] = [];
const seen = new Map<string, number>();

function intern(property: unknown): number {
  const lean = strip(property);
  const key = JSON.stringify(lean);
  const known = seen.get(key);
  if (known !== undefined) return known;
  seen.set(key, props.length);
  return props.push(lean) - 1;
}

/** Without what only documentation needs. Numbered limits come as strings or numbers; keep numbers. */
function strip(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(key === 'typetext' || key === 'default') || typeof inner === 'object')
      .map(([key, inner]) => [key, key === 'minimum' || key === 'maximum' ? Number(inner) : strip(inner)]),
  );
}

/** The first privilege a method asks for: enough to word a refusal. */
function privilege(check: unknown): string[] | undefined {
  if (!Array.isArray(check)) return undefined;
  if (check[0] === 'perm') return [String(check[1]), String((check[2] as string[])[0])];
  for (const part of check) {
    const found = privilege(part);
    if (found) return found;
  }
  return undefined;
}

const endpoints = Object.keys(routes)
  .sort()
  .map((name) => {
    const method = methods[name];
    if (!method) throw new Error(`the facts know no ${name}`);
    const params = Object.entries(method.parameters?.properties ?? {}).map(([key, value]) => [key, intern(value)]);
    return [name, { params: Object.fromEntries(params), perm: privilege(method.permissions?.check) }];
  });

writeFileSync(
  new URL('./schema.json', import.meta.url),
  `${JSON.stringify({ meta, props: props, endpoints: Object.fromEntries(endpoints) })
    .replaceAll('},"', '},\n"')
    .replaceAll('},{', '},\n{')}\n`,
);
