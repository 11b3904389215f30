import 'reflect-metadata';
import { randomUUID, webcrypto } from 'node:crypto';
import { PublicKey } from '@peculiar/x509';
import type { Authority } from './authority.ts';
import type { Issued } from './records.ts';

/** A certificate that was issued some time ago, to somebody's key, without an order that can be looked at any more. */
export async function plantCertificate(ca: Authority, names: string[]): Promise<Issued> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const leaf = await ca.issuer.issue(names, await PublicKey.create(pair.publicKey), ca.url('/crl'));
  return ca.records.certificates.set(leaf.serial, {
    ...leaf,
    notBefore: leaf.notBefore.toISOString(),
    notAfter: leaf.notAfter.toISOString(),
    ...{ names, account: '', order: randomUUID() },
  });
}
