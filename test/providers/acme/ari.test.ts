import 'reflect-metadata';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { AuthorityKeyIdentifierExtension, X509CertificateGenerator } from '@peculiar/x509';
import { ariId } from '../../../providers/acme/ari.ts';
import { createAcme } from '../../../providers/acme/client.ts';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

async function certificate(serialNumber: string, keyId?: string): Promise<string> {
  const keys = await crypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const extensions = keyId ? [new AuthorityKeyIdentifierExtension(keyId)] : [];
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber,
    keys,
    signingAlgorithm: P256,
    extensions,
  });
  return made.toString('pem');
}

test('the identifier is that of the example in RFC 9773 4.1, leading zero byte included', async () => {
  const pem = await certificate('0087654321', '69885b6b87464041e1b37b847ba0ae2cde01c8d4');
  expect(ariId(pem)).toBe('aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
});

test('a serial without a high bit has no zero byte', async () => {
  expect(ariId(await certificate('7f01', '01'))).toBe('AQ.fwE');
});

test('a certificate without an authority key identifier has none', async () => {
  expect(ariId(await certificate('01'))).toBeUndefined();
});

test('a CA whose directory has no renewal information is not asked for any', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(String(request.url));
    const urls = ['newNonce', 'newAccount', 'newOrder', 'revokeCert', 'keyChange'].map((name) => [
      name,
      `${base}/${name}`,
    ]);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(Object.fromEntries(urls)));
  }).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const acme = createAcme({ directoryUrl: `${base}/directory`, timeoutMs: 2000 });
  expect(await acme.renewalWindow(await certificate('7f01', '01'))).toBeUndefined();
  expect(asked).toEqual(['/directory']);
  server.closeAllConnections();
  server.close();
});
