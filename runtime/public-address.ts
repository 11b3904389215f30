import ipaddr from 'ipaddr.js';

/** Azure's WireServer: public by its number, and yet each machine's own. */
const METADATA = new Set(['168.63.129.16']);

/**
 * Whether an address is one of the internet's: not loopback, private, link-local (where clouds keep the credentials of a
 * machine), unique local, shared or reserved, however it is written; an IPv4 address inside an IPv6 one (RFC 4291 2.5.5.2)
 * counts as itself, a translated one (RFC 6052, 3056) as not public.
 */
export function isPublic(address: string): boolean {
  const judged = ipaddr.process(address);
  return judged.range() === 'unicast' && !METADATA.has(judged.toString());
}
