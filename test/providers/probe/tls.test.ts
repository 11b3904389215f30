import 'reflect-metadata';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as x509 from '@peculiar/x509';
import { createProbe } from '../../../providers/probe/client.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const NOT_AFTER = new Date('2099-01-01T00:00:00Z');
let root: x509.X509Certificate;
let stranger: x509.X509Certificate;
let server: Server;
let port = 0;
const asked: string[] = [];

async function authority(name: string) {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const ca = new x509.BasicConstraintsExtension(true);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({ keys, name: `CN=${name}`, extensions: [ca] });
  return { keys, cert };
}

beforeAll(async () => {
  const ca = await authority('Our Root');
  root = ca.cert;
  stranger = (await authority('A Stranger')).cert;
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: '0abc01',
    subject: 'CN=web1.example.com',
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: ca.keys.privateKey,
    notAfter: NOT_AFTER,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'web1.example.com' }])],
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  const SNICallback = (name: string, done: (error: null) => void) => {
    asked.push(name);
    done(null);
  };
  server = createServer({ key, cert: leaf.toString('pem'), SNICallback }, (socket) => socket.resume());
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((done) => server.close(done)));

const look = (fields: { name?: string; roots?: string[]; port?: number } = {}, timeoutMs = 2000) =>
  createProbe({ timeoutMs }).tls({
    address: '127.0.0.1',
    port,
    name: 'web1.example.com',
    roots: [root.toString('pem')],
    ...fields,
  });

describe('a handshake', () => {
  test('with a chain to the root, for the name, is trusted', async () => {
    expect(await look()).toEqual({
      trusted: true,
      error: undefined,
      serial: '0abc01',
      notAfter: NOT_AFTER,
      issuer: 'Our Root',
    });
    expect(asked.at(-1)).toBe('web1.example.com');
  });

  test('for another name is not, and says so', async () => {
    const view = await look({ name: 'web2.example.com' });
    expect(view).toMatchObject({ trusted: false, serial: '0abc01' });
    expect(view.error).toContain('web2.example.com');
  });

  test('with a chain to another root is not', async () => {
    expect(await look({ roots: [stranger.toString('pem')] })).toMatchObject({
      trusted: false,
      error: /UNABLE_TO|SELF_SIGNED/,
    });
    expect(await look({ roots: [] })).toMatchObject({ trusted: false });
  });
});

describe('no handshake', () => {
  test('where nothing listens', async () => {
    const free = createTcp().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const nobody = (free.address() as AddressInfo).port;
    await new Promise((done) => free.close(done));
    await expect(look({ port: nobody })).rejects.toMatchObject({ kind: 'unavailable', code: 'ECONNREFUSED' });
  });

  test('where the other side is silent, or hangs up', async () => {
    const mute = createTcp((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const at = { port: (mute.address() as AddressInfo).port };
    await expect(look(at, 50)).rejects.toMatchObject({ kind: 'unavailable', code: 'TIMEOUT' });
    mute.on('connection', (socket) => socket.destroy());
    await expect(look(at)).rejects.toMatchObject({ kind: 'unavailable' });
    await new Promise((done) => mute.close(done));
  });
});
