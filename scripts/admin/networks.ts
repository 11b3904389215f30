import ipaddr from 'ipaddr.js';
import { Misuse } from './command.ts';

/** A range of addresses of which guests get one each. */
export interface Range {
  family: 4 | 6;
  /** Bits of the network that the range lies in, as guests are told. */
  prefixLength: number;
  gateway: string;
  /** In ascending order, shortest form. */
  addresses: string[];
}

/** What may be added at a time: a /16 of IPv4. */
export const MOST = 65_536;

type Bits = 32 | 128;

/**
 * The addresses of a range that guests may have: not the network's own, not its broadcast, not the gateway. `prefix` is the
 * length of the network where the range is only a part of it.
 * @throws Misuse
 */
export function rangeOf(cidr: string, gateway: string, prefix?: string): Range {
  const { first, length, bits } = readCidr(cidr);
  const prefixLength = prefix === undefined ? length : readPrefix(prefix, length);
  const gate = readGateway(gateway, { first, bits, prefixLength });
  const count = 2n ** BigInt(bits - length);
  if (count > BigInt(MOST)) throw new Misuse(`${cidr} has ${count} addresses: at most ${MOST} can be added at a time`);
  const taken = new Set([...ends(first, bits, prefixLength), gate]);
  const all = Array.from({ length: Number(count) }, (_, offset) => first + BigInt(offset));
  const addresses = all.filter((value) => !taken.has(value)).map((value) => written(value, bits));
  if (addresses.length === 0) throw new Misuse(`${cidr} leaves no address for guests`);
  return { family: bits === 32 ? 4 : 6, prefixLength, gateway: written(gate, bits), addresses };
}

function readCidr(cidr: string): { first: bigint; length: number; bits: Bits } {
  const [, text = '', size = ''] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const { value, bits, range } = read(text) ?? wrong(`'${cidr}' is not a range of addresses like 203.0.113.0/24`);
  const length = Number(size);
  if (length > bits) wrong(`/${length} is longer than an address`);
  if (['multicast', 'unspecified', 'broadcast'].includes(range)) wrong(`${cidr} is ${range}: no guest can have it`);
  const first = networkOf(value, bits, length);
  if (first !== value) wrong(`${cidr} begins at ${written(first, bits)}: write ${written(first, bits)}/${length}`);
  return { first, length, bits };
}

function readPrefix(prefix: string, length: number): number {
  const value = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  return value >= 1 && value <= length ? value : wrong(`--prefix must be from 1 to ${length}, not '${prefix}'`);
}

/** In the network itself, or link-local for IPv6. */
function readGateway(text: string, of: { first: bigint; bits: Bits; prefixLength: number }): bigint {
  const gate = read(text);
  if (!gate || gate.bits !== of.bits) wrong(`'${text}' is not an IPv${of.bits === 32 ? 4 : 6} address for the gateway`);
  const { value, range } = gate as Address;
  const network = networkOf(of.first, of.bits, of.prefixLength);
  const inside = networkOf(value, of.bits, of.prefixLength) === network;
  if (!inside && !(of.bits === 128 && range === 'linkLocal'))
    wrong(`the gateway ${text} lies outside ${written(network, of.bits)}/${of.prefixLength}`);
  return value;
}

/** First and last of the network, which no host has; there are none in a /31 (RFC 3021), and IPv6 has no broadcast. */
function ends(first: bigint, bits: Bits, prefixLength: number): bigint[] {
  if (bits - prefixLength < 2) return [];
  const network = networkOf(first, bits, prefixLength);
  return bits === 32 ? [network, network + 2n ** BigInt(bits - prefixLength) - 1n] : [network];
}

interface Address {
  value: bigint;
  bits: Bits;
  range: string;
}

function read(text: string): Address | undefined {
  if (!(ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)) || text.includes('%')) return undefined;
  const address = ipaddr.parse(text);
  const value = address.toByteArray().reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return { value, bits: address.kind() === 'ipv4' ? 32 : 128, range: address.range() };
}

function written(value: bigint, bits: Bits): string {
  const bytes = Array.from({ length: bits / 8 }, (_, i) => Number((value >> BigInt(bits - 8 - 8 * i)) & 255n));
  return ipaddr.fromByteArray(bytes).toString();
}

function networkOf(value: bigint, bits: Bits, length: number): bigint {
  const host = BigInt(bits - length);
  return (value >> host) << host;
}

function wrong(sentence: string): never {
  throw new Misuse(sentence);
}
