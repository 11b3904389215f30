import 'reflect-metadata';
import { randomBytes, type webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  CRLDistributionPointsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from '@peculiar/x509';
import type { Store } from '../lib/store.ts';

const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
const DAY = 86_400_000;

/** A CA certificate with the key that signs below it. */
interface Signer {
  certificate: X509Certificate;
  key: webcrypto.CryptoKey;
}

/** Root and intermediate, made on the first start and kept. */
export interface Issuer {
  rootPem: string;
  /** @param crl where the list of revoked certificates is served */
  issue(names: string[], publicKey: PublicKey, crl: string): Promise<Leaf>;
  /** The list of revoked certificates, DER (RFC 5280 5). */
  crl(revoked: { serial: string; at: Date; reason: number }[]): Promise<Buffer>;
}

export interface Leaf {
  serial: string;
  notBefore: Date;
  notAfter: Date;
  /** PEM of leaf and intermediate. */
  chain: string;
  ariId: string;
}

export async function openIssuer(store: Store): Promise<Issuer> {
  const kept = store.collection<{ certificate: string; key: string }>('acme.issuers');
  const open = async (name: string, make: () => Promise<Signer>): Promise<Signer> => {
    const known = kept.get(name);
    if (known) return { certificate: new X509Certificate(known.certificate), key: await importKey(known.key) };
    const made = await make();
    kept.set(name, { certificate: made.certificate.toString('pem'), key: await exportKey(made.key) });
    return made;
  };
  const root = await open('root', () => makeSigner('Sandbox Root X1', 3650));
  const intermediate = await open('intermediate', () => makeSigner('Sandbox Intermediate E1', 1825, root));
  return {
    rootPem: `${root.certificate.toString('pem')}\n`,
    issue: (names, publicKey, crl) => issueLeaf(intermediate, names, publicKey, crl),
    crl: (revoked) => signList(intermediate, revoked),
  };
}

async function makeSigner(commonName: string, days: number, parent?: Signer): Promise<Signer> {
  const pair = (await crypto.subtle.generateKey(P256, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: `CN=${commonName}, O=Sandbox CA`,
    issuer: parent?.certificate.subject ?? `CN=${commonName}, O=Sandbox CA`,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + days * DAY),
    publicKey: pair.publicKey,
    signingKey: parent?.key ?? pair.privateKey,
    signingAlgorithm: SIGNING,
    extensions: [
      new BasicConstraintsExtension(true, parent ? 0 : undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ...(await keyIds(pair.publicKey, parent)),
    ],
  });
  return { certificate, key: pair.privateKey };
}

async function signList(by: Signer, revoked: { serial: string; at: Date; reason: number }[]): Promise<Buffer> {
  const list = await X509CrlGenerator.create({
    issuer: by.certificate.subject,
    thisUpdate: new Date(),
    nextUpdate: new Date(Date.now() + 7 * DAY),
    entries: revoked.map(({ serial, at, reason }) => ({ serialNumber: serial, revocationDate: at, reason })),
    signingKey: by.key,
    signingAlgorithm: SIGNING,
  });
  return Buffer.from(list.rawData);
}

async function issueLeaf(by: Signer, names: string[], publicKey: PublicKey, crl: string): Promise<Leaf> {
  const serial = newSerial();
  const commonName = names.find((name) => name.length <= 64);
  const notBefore = new Date(Math.floor(Date.now() / 1000) * 1000 - 3_600_000);
  const notAfter = new Date(notBefore.getTime() + 90 * DAY - 1000);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial,
    subject: commonName ? `CN=${commonName}` : '',
    issuer: by.certificate.subject,
    notBefore,
    notAfter,
    publicKey,
    signingKey: by.key,
    signingAlgorithm: SIGNING,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: 'dns' as const, value })),
        !commonName,
      ),
      new CRLDistributionPointsExtension([crl]),
      ...(await keyIds(publicKey, by)),
    ],
  });
  const chain = [certificate, by.certificate].map((one) => `${one.toString('pem')}\n`).join('');
  return { serial, notBefore, notAfter, chain, ariId: ariIdOf(by, serial) };
}

async function keyIds(publicKey: webcrypto.CryptoKey | PublicKey, issuer: Signer | undefined): Promise<Extension[]> {
  const own = await SubjectKeyIdentifierExtension.create(publicKey);
  return issuer ? [own, await AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey)] : [own];
}

/** RFC 9773 4.1: the AKI's key identifier and the serial's DER bytes. */
function ariIdOf(issuer: Signer, serial: string): string {
  const { keyId } = issuer.certificate.getExtension(SubjectKeyIdentifierExtension)!;
  return [keyId, serial].map((hex) => Buffer.from(hex, 'hex').toString('base64url')).join('.');
}

/** 16 bytes whose first is neither zero nor above 7f, so that the hex form is exactly the DER content. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64');
}

function importKey(pkcs8: string): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('pkcs8', Buffer.from(pkcs8, 'base64'), P256, true, ['sign']);
}
