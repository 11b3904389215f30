import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import { ERROR_STATUS } from '../../core/app-error.ts';
import { settings } from '../../runtime/settings.ts';
import { withSettings } from '../../scripts/admin/settings-table.ts';
import { documents, ROOT, read } from './documents.ts';

const pages = documents();
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** Read by the launcher, the sandbox and the stack alone; the README and docs/operations.md say what they do. */
const BESIDES: Record<string, string> = {
  TEMPORAL_CLI_PATH: 'scripts/launch/temporal-binary.ts',
  CI: 'scripts/launch/temporal-binary.ts',
  SANDBOX_SPEED: 'sandbox/main.ts',
  SANDBOX_ACME: 'sandbox/acme/index.ts',
  SANDBOX_PVE_VERSION: 'sandbox/proxmox/index.ts',
  SANDBOX_EPP_SESSIONS: 'sandbox/registrar/index.ts',
  POSTGRES_PASSWORD: 'docker-compose.temporal.yml',
};
/** Node's own. */
const NODES = new Set(['NODE_EXTRA_CA_CERTS']);

/** Beside the contract, and of the workers and the sandbox. */
const OTHERS = /^\/(metrics|password|signed-in|openapi\.json|docs|health|(proxmox|stripe|acme)\/.*)$/;

/** Endpoints as they are written in pages: with /api or without, … for a path named just before. */
function isServed(method: string, path: string): boolean {
  if (OTHERS.test(path)) return true;
  const own = path.replace(/^\/api(?=\/)/, '').replace(/\?.*/, '');
  return mpanelRoutes.some(
    (route) =>
      route.method === method.toLowerCase() &&
      (own.startsWith('…') ? route.path.endsWith(own.slice(1)) : route.path === own),
  );
}

/** Lists of the workflows' names. */
const lists = read('workflows/catalog.ts') + read('workflows/contract.ts');

const isKnown = (name: string) =>
  name in settings ||
  name in ERROR_STATUS ||
  name in BESIDES ||
  NODES.has(name) ||
  lists.includes(`export const ${name} `);

test('there are documents', () => {
  expect(pages.length).toBeGreaterThan(5);
});

test('the README shows the settings that there are', () => {
  const readme = read('README.md');
  expect(readme).toBe(withSettings(readme));
});

test.each(Object.entries(BESIDES))('%s is read in %s', (name, file) => {
  expect(read(file)).toContain(name);
});

describe.each(pages)('$path', ({ path, text }) => {
  test('names commands that exist', () => {
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name as string);
    expect(named.filter((name) => !scripts[name])).toEqual([]);
    const run = named.map((name) => scripts[name] ?? '').flatMap((command) => command.match(/\S+\.ts/g) ?? []);
    expect(run.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  test('names files that exist', () => {
    const named = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.(?:ts|mjs|sql|md|yml))`/g)].map(
      ([, name]) => name as string,
    );
    expect(named.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });

  test('names settings and codes that exist', () => {
    const named = [...text.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)[`=]/g)].map(([, name]) => name as string);
    expect(named.filter((name) => !isKnown(name))).toEqual([]);
  });

  test('names endpoints that exist', () => {
    const named = [...text.matchAll(/\b(GET|POST|PUT|PATCH|DELETE) {1,2}((?:\/|…)[\w/:.?=-]*)/g)];
    expect(named.filter(([, method = '', to = '']) => !isServed(method, to)).map(([whole]) => whole)).toEqual([]);
  });

  test('links to what exists', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to as string);
    const own = links.filter((to) => !/^https?:/.test(to)).map((to) => to.replace(/#.*/, ''));
    expect(own.filter((to) => to && !existsSync(join(ROOT, dirname(path), to)))).toEqual([]);
  });

  test('names no path of somebody’s machine', () => {
    expect(text.match(/(?<![\w.])\/(?:home|Users|root|work|tmp)\/\S*/g) ?? []).toEqual([]);
  });
});

test('docs/http-status.md tells every code with its status', () => {
  const rows = [...read('docs/http-status.md').matchAll(/^\| (\d{3}) \| `([A-Z_]+)` \|/gm)];
  expect(Object.fromEntries(rows.map(([, status, code]) => [code, Number(status)]))).toEqual(ERROR_STATUS);
});
