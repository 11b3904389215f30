import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { faults, followed, seldom, unreached } from './report.ts';
import { type Caller, fuzz, type Outcome } from './run.ts';
import { pythonIsHere } from './schemathesis.ts';

// A short walk, the same each time; `npm run fuzz` is the long one.
const EXAMPLES = 3;

(pythonIsHere() ? describe : describe.skip)('A short walk', () => {
  let outcomes: Record<Caller, Outcome>;
  const dir = mkdtempSync(join(tmpdir(), 'mpanel-fuzz-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  beforeAll(async () => {
    outcomes = await fuzz({ examples: EXAMPLES, rows: 2, seed: 20_261_123, coverage: false, dir }, console.log);
  }, 600_000);

  test('every answer is one that the document promises', () => {
    expect(faults(outcomes)).toEqual([]);
  });

  test('every operation does what it is for', () => {
    expect(unreached(outcomes.administrator)).toEqual([]);
  });

  test('every operation is asked for as often as was wanted', () => {
    expect(seldom(outcomes, EXAMPLES)).toEqual([]);
  });

  test('the links of the document are followed', () => {
    expect(followed(outcomes).links).toBeGreaterThan(0);
  });

  test('nobody gets what is for somebody', () => {
    expect(unreached(outcomes.nobody).length).toBeGreaterThan(60);
  });
});
