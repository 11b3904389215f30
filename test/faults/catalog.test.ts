import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { BEHAVIOURS, type Behaviour, type Named } from './catalog.ts';
import { WORST } from './nastiest.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const rows: readonly Behaviour[] = BEHAVIOURS;

const systems = [...new Set(rows.map(({ system }) => system))];
/** All of a stand-in's source, and the comment in which it names its switches. */
const sources = new Map(
  systems.map((system) => [system, globSync(`sandbox/${system}/**/*.ts`, { cwd: ROOT }).map(read).join('\n')]),
);
const everySwitch = systems.map((system) => read(`sandbox/${system}/index.ts`)).join('\n');

function holds([file, name]: Named): boolean {
  const text = read(`test/${file}`);
  return [`'${name}'`, `'${name.replaceAll("'", "\\'")}'`, `"${name}"`, `\`${name}\``].some((quoted) =>
    text.includes(quoted),
  );
}

test('each behaviour is there once', () => {
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
});

test.each(rows.map((row) => [row.id, row] as const))('%s has its switch and its tests', (id, row) => {
  const { how, system, adapter, workflow } = row;
  if ('switch' in how) expect(everySwitch).toMatch(new RegExp(`^ \\* (\\| | {2})?${how.switch} `, 'm'));
  if ('act' in how) expect(sources.get(system)).toMatch(new RegExp(`^ +'?${how.act}'?:`, 'm'));
  expect(adapter[0]).toMatch(/^(providers|activities|api)\//);
  expect([adapter, holds(adapter)]).toEqual([adapter, true]);
  if (workflow !== 'here') expect([workflow, holds(workflow)]).toEqual([workflow, true]);
  else expect(read(`test/faults/${system}.test.ts`)).toMatch(new RegExp(`^  '?${id}'?: `, 'm'));
});

/** Played by an adapter alone: nothing above it asks for this, or sees it. */
const BELOW: Record<string, string> = {
  'mail-lost': 'no step of ours looks into a mailbox',
};

test('every switch of a stand-in is a row', () => {
  const known = new Set(rows.flatMap(({ how }) => ('switch' in how ? [how.switch] : [])));
  const asked = [...sources.values()].flatMap((text) =>
    [...text.matchAll(/(?:switched|strikes)\((?:[\w.]+, )?'([\w-]+)'/g)].map(([, name]) => name!),
  );
  expect(asked.length).toBeGreaterThan(40);
  expect([...new Set(asked)].filter((name) => !known.has(name) && !BELOW[name])).toEqual([]);
});

describe('the worst behaviours', () => {
  const all = Object.entries(WORST).flatMap(([system, five]) => five.map((one) => [system, one.about, one] as const));

  test.each(Object.entries(WORST))('of %s are five', (_, five) => expect(five).toHaveLength(5));

  test.each(all)('%s: %s', (_system, _about, { rows: ids = [], tests = [], none }) => {
    expect(ids.filter((id) => !rows.some((row) => row.id === id))).toEqual([]);
    expect(tests.filter((named) => !holds(named))).toEqual([]);
    expect(ids.length + tests.length + (none ? 1 : 0)).toBeGreaterThan(0);
  });
});

/** Adapters by the system whose rows meet them; one that only looks has none of its own. */
const ADAPTERS: Record<string, Behaviour['system'] | 'looks'> = {
  ...{ acme: 'acme', mailhost: 'mail', powerdns: 'powerdns', probe: 'looks', proxmox: 'proxmox' },
  ...{ registrar: 'registrar', smtp: 'mail', stripe: 'stripe', vies: 'vies' },
};

test('every adapter is of a system that has rows', () => {
  const there = globSync('providers/*/port.ts', { cwd: ROOT }).map((path) => path.split('/')[1]!);
  expect(there.sort()).toEqual(Object.keys(ADAPTERS).sort());
  expect(Object.values(ADAPTERS).filter((system) => system !== 'looks' && !systems.includes(system))).toEqual([]);
});
