import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { type Api, path } from './api.ts';
import type { GuestNetwork, GuestRef } from './port.ts';
import * as shapes from './shapes.ts';
import { guestPath } from './view.ts';

// The name makes Proxmox's firewall drop what leaves net0 from any other address.
const SET = 'ipfilter-net0';
const sets = z.array(z.object({ name: z.string() }));
const entries = z.array(z.object({ cidr: z.string() }));

// The guest's firewall has to be on for its filter to act, and would by itself drop everything that comes in.
const OPTIONS = { enable: true, ipfilter: true, macfilter: true, policy_in: 'ACCEPT', policy_out: 'ACCEPT' };

/** Makes the set equal to the network's addresses: new ones first, so that a guest in use loses none of its own. */
export async function limitAddresses(api: Api, guest: GuestRef, network: GuestNetwork): Promise<void> {
  const firewall = `${guestPath(guest)}/firewall`;
  const set = `${firewall}/ipset/${SET}`;
  if (!(await api('GET', `${firewall}/ipset`, sets)).some(({ name }) => name === SET))
    await api('POST', `${firewall}/ipset`, shapes.nothing, { name: SET });

  const wanted = addressesOf(network);
  const there = (await api('GET', set, entries)).map(({ cidr }) => ({ cidr, address: canonical(cidr) }));
  for (const address of wanted)
    if (!there.some((entry) => entry.address === address)) await api('POST', set, shapes.nothing, { cidr: address });
  for (const { cidr, address } of there)
    if (!wanted.has(address)) await api('DELETE', `${set}${path`/${cidr}`}`, shapes.nothing);

  await api('PUT', `${firewall}/options`, shapes.nothing, OPTIONS);
}

export function addressesOf({ ipv4, ipv6, extraAddresses = [] }: GuestNetwork): Set<string> {
  const main = [ipv4?.cidr, ipv6?.cidr].flatMap((cidr) => (cidr ? [cidr.replace(/\/.*/, '')] : []));
  return new Set([...main, ...extraAddresses].map(canonical));
}

/** One address in its shortest form; a network keeps its prefix length. */
function canonical(cidr: string): string {
  const [address = '', prefix] = cidr.split('/');
  if (!ipaddr.isValid(address)) return cidr;
  const parsed = ipaddr.parse(address);
  const whole = parsed.kind() === 'ipv4' ? '32' : '128';
  return prefix === undefined || prefix === whole ? parsed.toString() : `${parsed}/${prefix}`;
}
