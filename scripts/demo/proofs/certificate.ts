import { readFileSync } from 'node:fs';
import { shakeHands } from '../wire/tls.ts';
import { findGuest } from './find-guest.ts';
import type { Proof } from './proof.ts';

/** The guest serves TLS at its address with a certificate of the CA for its name. */
export const certificate: Proof = async (subject) => {
  const { env, purchase } = subject;
  const { address } = await findGuest(subject);
  const port = Number(env.TLS_PORT ?? 443);
  const roots = env.ACME_ROOTS ? { roots: readFileSync(env.ACME_ROOTS, 'utf8') } : {};
  const shaken = await shakeHands({ address, port, name: purchase.hostname, ...roots });
  return `${shaken.protocol} with ${address}:${port} as ${purchase.hostname}, chain to ${shaken.root}, until ${shaken.validTo.toISOString().slice(0, 10)}`;
};
