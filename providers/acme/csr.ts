import 'reflect-metadata';
import { createPrivateKey, type webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509';
import type { CertificateRequest } from './port.ts';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
// Upper bound of a common name (RFC 5280 A.1); longer names stand in the SAN alone.
const MAX_COMMON_NAME = 64;

/** A fresh P-256 key, PKCS#8 PEM: an account's, for example. */
export async function createKey(): Promise<string> {
  return pem((await generate()).privateKey);
}

/** A fresh key and the CSR that asks for these names. */
export async function createRequest(names: string[]): Promise<CertificateRequest> {
  const keys = await generate();
  const commonName = names.find((name) => name.length <= MAX_COMMON_NAME);
  const csr = await Pkcs10CertificateRequestGenerator.create({
    ...(commonName ? { name: [{ CN: [commonName] }] } : {}),
    keys,
    signingAlgorithm: P256,
    extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value })))],
  });
  return { keyPem: await pem(keys.privateKey), csrPem: csr.toString('pem') };
}

async function generate(): Promise<webcrypto.CryptoKeyPair> {
  return (await crypto.subtle.generateKey(P256, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

/** base64url DER of a CSR in PEM; one that is that already stays as it is. */
export function csrDer(csr: string): string {
  if (!csr.includes('-----BEGIN')) return csr;
  return Buffer.from(csr.replace(/-----[^-]+-----/g, ''), 'base64').toString('base64url');
}
