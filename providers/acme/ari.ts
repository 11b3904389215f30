import 'reflect-metadata';
import { AuthorityKeyIdentifierExtension, X509Certificate } from '@peculiar/x509';

/** RFC 9773 4.1: identifies a certificate to its CA; undefined for one without an authority key identifier. */
export function ariId(pem: string): string | undefined {
  const certificate = new X509Certificate(pem);
  const keyId = certificate.getExtension(AuthorityKeyIdentifierExtension)?.keyId;
  if (!keyId) return undefined;
  // The serial's DER content, a leading zero byte included.
  return [keyId, certificate.serialNumber].map((hex) => Buffer.from(hex, 'hex').toString('base64url')).join('.');
}
