import { expect, test } from '@jest/globals';
import type { Platform } from '../../scripts/launch/platform.ts';
import { summary } from '../../scripts/launch/summary.ts';

const platform = {
  parts: () => ({
    api: { url: 'http://127.0.0.1:2271', docsUrl: 'http://127.0.0.1:2271/docs' },
    sandbox: { urls: { mail: { 'mail sink': 'http://127.0.0.1:9' } } },
  }),
  notices: ['administrator: a@b.test'],
  dataDir: '.data',
} as unknown as Platform;

test.each([
  [{}, 'Mode: sandbox: stand-ins play what is not configured, nothing here is real'],
  [{ MPANEL_MODE: 'sandbox' }, 'Mode: sandbox: stand-ins play what is not configured, nothing here is real'],
  [{ MPANEL_MODE: 'live' }, 'Mode: live'],
])('with %p whoever starts it is told the mode first, then where everything is', (env, mode) => {
  const lines = summary(platform, env).split('\n');
  expect(lines[0]).toBe(mode);
  expect(lines.map((line) => line.replace(/ {2,}/g, ' | ').trim())).toEqual([
    mode,
    'API | http://127.0.0.1:2271',
    'API docs | http://127.0.0.1:2271/docs',
    '| mail: mail sink | http://127.0.0.1:9',
    'Everything | .data/run.json',
    'administrator: a@b.test',
  ]);
});
