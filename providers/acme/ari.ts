import 'reflect-metadata';
import { AuthorityKeyIdentifierExtension, X509Certificate } from '@peculiar/x509';

/** RFC 9773 4.1: identifies a certificate to its CA; undefined for one without an authority key identifier. */
export function ariId(pem: string): string | undefined {
  const certificate = new X509Certificate(pem);
  const keyId = certificate.getExtension(AuthorityKeyIdentifierExtension)?.keyId;
  if (!keyId) return undefined;
  return [keyId, derInteger(certificate.serialNumber)]
    .map((hex) => Buffer.from(hex, 'hex').toString('base64url'))
    .join('.');
}

/** A serial number as its DER content, which has the leading zero byte that the usual hex form leaves out. */
function derInteger(hex: string): string {
  return /^[89a-f]/i.test(hex) ? `00${hex}` : hex;
}
