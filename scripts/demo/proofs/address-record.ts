import { askA } from '../wire/dns.ts';
import { findGuest } from './find-guest.ts';
import { expect, need, type Proof } from './proof.ts';

/** The DNS server leads the host name to the guest. */
export const addressRecord: Proof = async (subject) => {
  const { hostname } = subject.purchase;
  const server = need(subject.env, 'DNS_ADDRESS');
  const { address } = await findGuest(subject);
  const answered = await askA(server, hostname);
  expect(`${answered}` === address, `${hostname} A is ${answered.join(', ') || 'nothing'}, the guest has ${address}`);
  return `${hostname} A ${address}, answered by ${server} over UDP`;
};
