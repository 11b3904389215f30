import 'reflect-metadata';
import { once } from 'node:events';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as x509 from '@peculiar/x509';
import { createMailer } from '../../../providers/smtp/client.ts';

const MAIL = { id: '1', to: 'anna@example.com', subject: 's', text: 't' };
const connections: string[] = [];
let relay: ReturnType<typeof createServer>;
let certificate = '';
let port = 0;

beforeAll(async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const names = new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'relay.test' }]);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    keys,
    name: 'CN=relay.test',
    extensions: [names],
  });
  certificate = made.toString('pem');
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  relay = createServer({ cert: certificate, key }, (socket) => {
    connections.push(String(socket.servername));
    socket.end('421 seen\r\n');
  });
  relay.on('tlsClientError', () => undefined);
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  port = (relay.address() as { port: number }).port;
});
afterAll(() => new Promise((done) => relay.close(done)));

const send = (query: string) =>
  createMailer({ url: `smtps://127.0.0.1:${port}?${query}`, from: 'noreply@mpanel.test' }).send(MAIL);

test('a certificate of an unknown CA, or for another name, is denied', async () => {
  await expect(send('')).rejects.toMatchObject({ kind: 'denied', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const trusted = `tls.ca=${encodeURIComponent(certificate)}`;
  await expect(send(trusted)).rejects.toMatchObject({ kind: 'denied', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

test('the right name gets through to the relay', async () => {
  const trusted = `tls.ca=${encodeURIComponent(certificate)}&tls.servername=relay.test`;
  await expect(send(trusted)).rejects.toMatchObject({ kind: 'busy', code: '421' });
  expect(connections).toEqual(['relay.test']);
});
