import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { sagas } from '../../workflows/sagas.ts';
import { STAGES, type Stage } from './support/stages/index.ts';

test('every saga has a stage, so that the laws are tried on it', () => {
  const staged = new Set(Object.values<readonly Stage[]>(STAGES).flatMap((stages) => stages.map(({ saga }) => saga)));
  expect(sagas.map(({ type }) => type).filter((type) => !staged.has(type))).toEqual([]);
});

test('every group of stages is played by a test file of its name', () => {
  const files = new Set(readdirSync(import.meta.dirname));
  expect(Object.keys(STAGES).filter((group) => !files.has(`${group}.test.ts`))).toEqual([]);
});
