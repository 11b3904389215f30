import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { faults, unreached } from './report.ts';
import { type Caller, fuzz, type Outcome } from './run.ts';
import { pythonIsHere } from './schemathesis.ts';

// A short walk, the same each time; `npm run fuzz` is the long one.

(pythonIsHere() ? describe : describe.skip)('A short walk', () => {
  let outcomes: Record<Caller, Outcome>;
  const dir = mkdtempSync(join(tmpdir(), 'mpanel-fuzz-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  beforeAll(async () => {
    outcomes = await fuzz({ examples: 3, rows: 2, seed: 20_261_123, coverage: false, dir }, console.log);
  }, 600_000);

  test('every answer is one that the document promises', () => {
    expect(faults(outcomes)).toEqual([]);
  });

  test('every operation does what it is for', () => {
    expect(unreached(outcomes.administrator)).toEqual([]);
  });

  test('nobody gets what is for somebody', () => {
    expect(unreached(outcomes.nobody).length).toBeGreaterThan(60);
  });
});
