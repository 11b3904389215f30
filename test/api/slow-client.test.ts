import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import express from 'express';
import type { Feed } from '../../api/realtime/feed.ts';
import { play } from '../../api/realtime/play.ts';

const PAGES = 200;
const PAGE = 100;
const TEXT = 'x'.repeat(2_000);

let pages = 0;
/** 40 MB, of which the next page is there as soon as it is asked for. */
const feed: Feed = {
  topic: 'much',
  async read(_, after) {
    pages += 1;
    const events = Array.from({ length: PAGE }, (_value, at) => ({ id: after + at + 1, event: 'step', data: TEXT }));
    const more = after + PAGE < PAGES * PAGE;
    return { events, more, ended: !more };
  },
};
const app = express().get('/', (_req, res) =>
  play(res, {
    feed,
    after: undefined,
    heartbeatMs: 60_000,
    on: () => () => undefined,
    em: () => undefined as never,
    recheck: async () => undefined,
    check: () => undefined,
    stopping: new AbortController().signal,
  }),
);
const server = app.listen(0, '127.0.0.1');
afterAll(() => {
  server.close();
});

test('who does not read is read nothing for, and gets all in order when they do', async () => {
  if (!server.listening) await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.pause();
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  let before = -1;
  while (pages !== before || pages === 0) {
    before = pages;
    await sleep(300);
  }
  // What the kernel's buffers hold on both sides is some megabytes, whatever this process does.
  expect(pages).toBeLessThan(PAGES / 2);
  let text = '';
  client.on('data', (chunk) => {
    text += String(chunk);
  });
  client.resume();
  while (!text.includes('event: end')) await once(client, 'data');
  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids).toEqual(Array.from({ length: PAGES * PAGE }, (_value, at) => at + 1));
  client.destroy();
});
