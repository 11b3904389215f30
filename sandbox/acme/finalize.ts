import 'reflect-metadata';
import { createPublicKey } from 'node:crypto';
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509';
import type { Reply } from '../lib/http.ts';
import type { Authority } from './authority.ts';
import { thumbprint } from './jws.ts';
import { ownOrder, show } from './orders.ts';
import { Problem } from './problem.ts';
import type { Order } from './records.ts';
import { type AccountRequest, payloadOf } from './request.ts';

const TAKES_MS = 1500;

/** RFC 8555 7.4: issues, and answers `processing`; the order shows it once more before it turns `valid`. */
export async function finalize(ca: Authority, request: AccountRequest): Promise<Reply> {
  checkReady(ownOrder(ca, request));
  const csr = await parseCsr(payloadOf(request).csr);
  const order = ownOrder(ca, request);
  checkNames(csr, order.names);
  checkKey(ca, csr);
  const leaf = await ca.issuer.issue(order.names, csr.publicKey, ca.url('/crl'));
  // Another finalize may have come while this one was signing: only the first takes effect.
  checkReady(ca.records.orders.get(order.id)!);
  ca.records.certificates.set(leaf.serial, {
    ...leaf,
    notBefore: leaf.notBefore.toISOString(),
    notAfter: leaf.notAfter.toISOString(),
    names: order.names,
    account: order.account,
    order: order.id,
  });
  const { polls = 1 } = ca.switched<{ polls?: number }>('slow-processing', request.operation) ?? {};
  const done: Order = {
    ...order,
    status: 'processing',
    certificate: leaf.serial,
    pollsLeft: polls,
    busyUntil: Date.now() + TAKES_MS * ca.speed,
  };
  return show(ca, ca.records.orders.set(order.id, done), 200);
}

function checkReady(order: Order): void {
  if (order.status !== 'ready')
    throw new Problem(403, 'orderNotReady', `Order's status ("${order.status}") is not acceptable for finalization`);
}

async function parseCsr(csr: unknown): Promise<Pkcs10CertificateRequest> {
  if (typeof csr !== 'string' || !/^[A-Za-z0-9_-]+$/.test(csr)) throw badCsr('csr is not base64url DER');
  let parsed: Pkcs10CertificateRequest;
  try {
    parsed = new Pkcs10CertificateRequest(Buffer.from(csr, 'base64url'));
  } catch (error) {
    throw badCsr(`csr cannot be parsed: ${(error as Error).message}`);
  }
  if (!(await parsed.verify())) throw badCsr('the signature of the csr is wrong');
  return parsed;
}

function checkNames(csr: Pkcs10CertificateRequest, wanted: string[]): void {
  const san = csr.extensions.find((one) => one instanceof SubjectAlternativeNameExtension)?.names.items ?? [];
  if (san.some((name) => name.type !== 'dns')) throw badCsr('the csr names something other than DNS names');
  const common = csr.subjectName.getField('CN');
  const names = new Set([...san.map((name) => name.value), ...common].map((name) => name.toLowerCase()));
  if (String([...names].sort()) !== String(wanted))
    throw badCsr('the csr does not name exactly the identifiers of the order');
}

function checkKey(ca: Authority, csr: Pkcs10CertificateRequest): void {
  const key = createPublicKey({ key: Buffer.from(csr.publicKey.rawData), format: 'der', type: 'spki' });
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  if (!['prime256v1', 'secp384r1'].includes(namedCurve ?? '') && (modulusLength ?? 0) < 2048)
    throw badCsr('the key must be P-256, P-384 or RSA of 2048 bits or more');
  const print = thumbprint(key.export({ format: 'jwk' }));
  if (ca.records.accounts.values().some((one) => one.thumbprint === print))
    throw badCsr('the csr has the key of an account');
}

const badCsr = (detail: string) => new Problem(400, 'badCSR', detail);
