import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { checkMode, loadConfig, settings } from '../../runtime/config.ts';
import { TEMPORAL_SETTINGS } from '../../scripts/launch/temporal.ts';
import { TEMPORAL } from '../../scripts/launch/temporal-release.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/catalog.ts';

interface Service {
  image: string;
  build?: string;
  command?: string[];
  environment: Record<string, string>;
  ports?: string[];
}

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const text = read('docker-compose.temporal.yml');
const stack = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  configs: Record<string, { content: string }>;
};
const ours = Object.entries(stack.services).filter(([, service]) => service.build);

/** `${NAME:-default}` and `${NAME-default}` with nothing set outside. */
const defaults = (environment: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/\$\{\w+:?-([^}]*)}/g, '$1')]),
  );

test('API, workers and migrations are ours; nothing else is built', () => {
  expect(ours.map(([name]) => name).sort()).toEqual(['api', 'migrate', 'workers']);
  for (const [, { command }] of ours) expect(read(command![0]!)).not.toBe('');
});

test.each(ours)('every variable of %s is a setting of the table', (_, { environment }) => {
  expect(Object.keys(environment).filter((name) => !(name in settings))).toEqual([]);
});

test.each(ours)('%s starts with nothing configured besides', (_, { environment }) => {
  const secrets = { JWT_SECRET: 'x'.repeat(44), SEAL_KEY: Buffer.alloc(32).toString('base64') };
  const config = loadConfig({ ...secrets, ...defaults(environment) });
  expect(() => checkMode(config)).not.toThrow();
  expect(config.MPANEL_MODE).toBe('live');
});

test('what .env may set is a setting too, or the password of the stack’s own database', () => {
  const names = [...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name = '']) => name);
  expect(names.filter((name) => !(name in settings) && name !== 'POSTGRES_PASSWORD')).toEqual([]);
});

test('the admin command that is documented is in the image, with the settings of the API', () => {
  const [, service = '', program = ''] = /run --rm (\w+) (\S+) help$/m.exec(text) ?? [];
  expect(stack.services[service]?.environment.DATABASE_URL).toContain('@postgres:');
  expect(read(program)).toContain('npm run admin');
  expect(read('Dockerfile')).toMatch(/^ENTRYPOINT .*"scripts\/container\.ts"\]$/m);
  const kept = read('.dockerignore').split('\n');
  expect(kept.filter((line) => line && program.startsWith(line))).toEqual([]);
  expect(read('docs/operations.md')).toContain(`run --rm ${service} ${program} COMMAND`);
});

test('images are pinned by version, Temporal’s to the server the launcher runs', () => {
  const images = Object.values(stack.services).flatMap(({ build, image }) => (build ? [] : [image]));
  for (const image of images) expect(image).toMatch(/:\d+\.\d+/);
  expect(
    images
      .filter((image) => /temporalio\/(server|admin-tools)/.test(image))
      .every((image) => image.endsWith(`:${TEMPORAL.server}`)),
  ).toBe(true);
  expect(read('Dockerfile')).toMatch(/^FROM node:\d+\.\d+\.\d+-/m);
});

test('Temporal has the settings and search attributes that the launcher gives it', () => {
  const given = parse(stack.configs['temporal-settings']!.content) as Record<string, [{ value: unknown }]>;
  const values = Object.fromEntries(Object.entries(given).map(([name, [{ value }]]) => [name, value]));
  expect(values).toEqual(TEMPORAL_SETTINGS);
  const created = stack.services['temporal-namespace']!.command!.join('');
  expect([...created.matchAll(/--name (\w+)/g)].map(([, name]) => name)).toEqual([...SEARCH_ATTRIBUTES]);
});

test('ports are published on loopback only', () => {
  const ports = Object.values(stack.services).flatMap((service) => service.ports ?? []);
  expect(ports.length).toBeGreaterThan(1);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});
