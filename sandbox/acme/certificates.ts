import { X509Certificate } from 'node:crypto';
import type { Reply } from '../lib/http.ts';
import type { Authority } from './authority.ts';
import { thumbprint } from './jws.ts';
import { malformed, notFound, Problem, unauthorized } from './problem.ts';
import type { Issued } from './records.ts';
import { type AccountRequest, byAccount, payloadOf, postAsGet, type SignedRequest } from './request.ts';

/** RFC 8555 7.4.2: the chain in PEM, leaf first. */
export function certificate(ca: Authority, request: AccountRequest): Reply {
  postAsGet(request);
  const found = ca.records.certificates.get(request.id);
  if (!found || ca.records.orders.get(found.order)?.status !== 'valid') throw notFound('Certificate not found');
  if (found.account !== request.account.id) throw unauthorized('the certificate belongs to another account');
  return { status: 200, headers: { 'content-type': 'application/pem-certificate-chain' }, body: found.chain };
}

// RFC 5280 5.3.1; those that a subscriber may give.
const REASONS = [0, 1, 3, 4, 5];

/** RFC 8555 7.6: by the account it was issued to, or by the certificate's own key. */
export function revokeCert(ca: Authority, request: SignedRequest): Reply {
  const { certificate, reason = 0 } = payloadOf(request);
  const found = bySubmitted(ca, certificate);
  if (!mayRevoke(ca, request, found)) throw unauthorized('neither the account nor the key of this certificate');
  if (!REASONS.includes(Number(reason)))
    throw new Problem(400, 'badRevocationReason', `reason ${reason} is not allowed`);
  if (found.revoked) throw new Problem(400, 'alreadyRevoked', 'Certificate has already been revoked.');
  revoke(ca, found.serial, Number(reason));
  return { status: 200 };
}

/** Whoever asks; also what the CA does behind its customers' backs. */
export function revoke(ca: Authority, serial: string, reason: number): Issued {
  const found = ca.records.certificates.get(serial);
  if (!found) throw new Error(`no certificate ${serial}`);
  return ca.records.certificates.set(serial, { ...found, revoked: { at: new Date().toISOString(), reason } });
}

/** RFC 5280 5, as every certificate names it. */
export async function revocationList(ca: Authority): Promise<Reply> {
  const revoked = ca.records.certificates
    .values()
    .flatMap((one) => (one.revoked ? [{ ...one.revoked, serial: one.serial }] : []));
  const body = await ca.issuer.crl(revoked.map(({ serial, at, reason }) => ({ serial, reason, at: new Date(at) })));
  return { status: 200, headers: { 'content-type': 'application/pkix-crl' }, body };
}

function bySubmitted(ca: Authority, der: unknown): Issued {
  if (typeof der !== 'string') throw malformed('certificate is missing');
  const raw = Buffer.from(der, 'base64url');
  const found = ca.records.certificates.get(serialOf(raw));
  if (!found || !leafOf(found).raw.equals(raw)) throw notFound('no such certificate was issued here');
  return found;
}

function mayRevoke(ca: Authority, request: SignedRequest, found: Issued): boolean {
  if (request.jws.header.kid) return byAccount(ca, request).account.id === found.account;
  return thumbprint(leafOf(found).publicKey.export({ format: 'jwk' })) === request.thumbprint;
}

function serialOf(der: Buffer): string {
  try {
    return new X509Certificate(der).serialNumber.toLowerCase();
  } catch {
    throw malformed('certificate is no base64url DER of a certificate');
  }
}

const leafOf = (issued: Issued) => new X509Certificate(issued.chain);
