import 'reflect-metadata';
import { createPublicKey } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509';
import { createRequest, csrDer } from '../../../providers/acme/csr.ts';

const LONG = `${'a'.repeat(60)}.shop.example`;

async function request(names: string[]) {
  const { keyPem, csrPem } = await createRequest(names);
  const csr = new Pkcs10CertificateRequest(csrPem);
  const san = csr.extensions.find((one) => one instanceof SubjectAlternativeNameExtension)!;
  return { keyPem, csrPem, csr, names: san.names.items.map((one) => one.value) };
}

test('a request names everything and is signed by the key that comes with it', async () => {
  const { csr, keyPem, names } = await request(['shop.example', '*.shop.example']);
  expect(names).toEqual(['shop.example', '*.shop.example']);
  expect(csr.subject).toBe('CN=shop.example');
  expect(await csr.verify()).toBe(true);
  const key = createPublicKey(keyPem);
  expect(key.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect(key.export({ format: 'der', type: 'spki' }).equals(Buffer.from(csr.publicKey.rawData))).toBe(true);
});

test('a name too long for the common name stands in the SAN alone', async () => {
  expect((await request([LONG])).csr.subject).toBe('');
  const both = await request([LONG, 'shop.example']);
  expect(both.csr.subject).toBe('CN=shop.example');
  expect(both.names).toEqual([LONG, 'shop.example']);
});

test('PEM and base64url DER are the same request', async () => {
  const { csrPem, csr } = await request(['shop.example']);
  const der = Buffer.from(csr.rawData).toString('base64url');
  expect([csrDer(csrPem), csrDer(der)]).toEqual([der, der]);
});
