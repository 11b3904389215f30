import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRegistrar } from '../../../providers/registrar/client.ts';
import { certificate } from '../../../sandbox/registrar/certificate.ts';
import { greeting } from '../../../sandbox/registrar/commands/session.ts';
import { frame, Unframer } from '../../../sandbox/registrar/frames.ts';
import { response } from '../../../sandbox/registrar/response.ts';
import { failureOf } from './support.ts';

const dir = mkdtempSync(join(tmpdir(), 'mpanel-strange-'));
let ca: Awaited<ReturnType<typeof certificate>>;

beforeAll(async () => {
  ca = await certificate(dir, '127.0.0.1');
});
afterAll(() => rmSync(dir, { recursive: true }));

/** A server that logs anybody in and then answers each command as told. */
async function strange(answer: (transaction: string) => Buffer) {
  let logins = 0;
  const server = createServer({ cert: ca.cert, key: ca.key }, (socket) => {
    const unframer = new Unframer();
    socket.on('error', () => socket.destroy());
    socket.write(frame(greeting()));
    socket.on('data', (bytes) => {
      for (const xml of unframer.push(bytes)) {
        const client = /<clTRID>(.*)<\/clTRID>/.exec(xml)![1]!;
        if (xml.includes('<login>')) logins += 1;
        socket.write(
          xml.includes('<login>') ? frame(response({ code: 1000 }, { client, server: 'S-1' })) : answer(client),
        );
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const registrar = createRegistrar({
    host: '127.0.0.1',
    port,
    user: 'MPANEL',
    password: 'password-1',
    ca: ca.cert,
    timeoutMs: 2_000,
  });
  return {
    registrar,
    logins: () => logins,
    async close() {
      await registrar.close();
      await new Promise((done) => server.close(done));
    },
  };
}

const bye = (client: string) => frame(response({ code: 1000 }, { client, server: 'S-2' }));

test.each([
  ['of another command', () => bye('SOMEBODY-ELSE')],
  ['that is no EPP', () => frame('<html>Service unavailable</html>')],
  ['that is no XML', () => frame('Service unavailable')],
  ['that is no frame', () => Buffer.from('HTTP/1.1 502 Bad Gateway\r\n\r\n')],
])('an answer %s is unknown after an effect, unavailable after a question, and ends the session', async (_, answer) => {
  const server = await strange(answer);
  const renewal = server.registrar.renew('a.test', new Date(), 1);
  expect(await failureOf(renewal)).toMatchObject({ kind: 'unknown' });
  expect(await failureOf(server.registrar.check(['a.test']))).toMatchObject({ kind: 'unavailable' });
  expect(server.logins()).toBe(2);
  await server.close();
});

test('a success without what the RFC requires in it is unknown', async () => {
  const server = await strange(bye);
  expect(await failureOf(server.registrar.renew('a.test', new Date(), 1))).toMatchObject({ kind: 'unknown' });
  await server.close();
});
