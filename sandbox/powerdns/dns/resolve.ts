import type { Answer } from 'dns-packet';
import { ancestors } from '../names.ts';
import type { Rrset, Zone, Zones } from '../zones.ts';
import { toAnswer } from './wire.ts';

export type Rcode = 'NOERROR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED';

export interface Resolved {
  rcode: Rcode;
  /** Whether a zone of ours speaks here (the AA bit). */
  authoritative: boolean;
  answers: Answer[];
  authorities: Answer[];
}

/** Queries that PowerDNS does not answer from its records. */
const REFUSED_TYPES = new Set(['ANY', 'AXFR', 'IXFR']);
const MAX_CHAIN = 10;
const KEY_TTL = 3600;

/** The authoritative answer to one question, RFC 1034 4.3.2 without delegations. `name` is absolute, in lower case. */
export function resolve(zones: Zones, name: string, type: string): Resolved {
  const zone = zones.enclosing(name);
  if (!zone || REFUSED_TYPES.has(type)) return { rcode: 'REFUSED', authoritative: false, answers: [], authorities: [] };
  return follow(zones, zone, name, type, []);
}

function follow(zones: Zones, zone: Zone, name: string, type: string, chain: Answer[]): Resolved {
  const node = nodeAt(zones, zone.name, name);
  const found = node?.find((rrset) => rrset.type === type);
  if (found) return positive([...chain, ...answersOf(found, name)]);

  const keys = type === 'DNSKEY' && name === zone.name ? zone.keys.filter((key) => key.active && key.published) : [];
  if (keys.length) return positive([...chain, ...keys.map(({ dnskey }) => toAnswer(name, type, KEY_TTL, dnskey))]);

  const cname = node?.find((rrset) => rrset.type === 'CNAME');
  if (cname) return chase(zones, cname, type, [...chain, ...answersOf(cname, name)]);

  const alias = type === 'A' || type === 'AAAA' ? node?.find((rrset) => rrset.type === 'ALIAS') : undefined;
  if (alias) return expand(zones, alias, name, type, chain);

  const rcode = node ? 'NOERROR' : 'NXDOMAIN';
  return { rcode, authoritative: true, answers: chain, authorities: negativeSoa(zones, zone) };
}

/** The rrsets that answer for the name, a wildcard's where it has none of its own; undefined where it does not exist. */
function nodeAt(zones: Zones, zone: string, name: string): Rrset[] | undefined {
  if (zones.exists(zone, name)) return enabled(zones.at(zone, name));
  // RFC 4592 3.3.1: only the wildcard right below the closest encloser answers.
  const encloser = [...ancestors(name)].slice(1).find((ancestor) => ancestor === zone || zones.exists(zone, ancestor));
  const wildcard = enabled(zones.at(zone, `*.${encloser}`));
  return wildcard.length > 0 ? wildcard : undefined;
}

function enabled(rrsets: Rrset[]): Rrset[] {
  return rrsets
    .map((rrset) => ({ ...rrset, records: rrset.records.filter((row) => !row.disabled) }))
    .filter((rrset) => rrset.records.length > 0);
}

function chase(zones: Zones, cname: Rrset, type: string, chain: Answer[]): Resolved {
  const target = targetOf(cname);
  const zone = zones.enclosing(target);
  if (!zone) return positive(chain);
  if (chain.length > MAX_CHAIN) return { rcode: 'SERVFAIL', authoritative: false, answers: [], authorities: [] };
  return follow(zones, zone, target, type, chain);
}

/** ALIAS: the target's addresses under the asked name; only targets in our own zones can be looked up. */
function expand(zones: Zones, alias: Rrset, name: string, type: string, chain: Answer[]): Resolved {
  const target = targetOf(alias);
  const zone = zones.enclosing(target);
  if (!zone || chain.length > MAX_CHAIN)
    return { rcode: 'SERVFAIL', authoritative: false, answers: [], authorities: [] };
  const { answers } = follow(zones, zone, target, type, chain);
  const addresses = answers.filter((answer) => answer.type === type);
  return positive(addresses.map((answer) => ({ ...answer, name: name.replace(/\.$/, '') })));
}

function targetOf(rrset: Rrset): string {
  return (rrset.records[0]?.content ?? '').toLowerCase();
}

function positive(answers: Answer[]): Resolved {
  return { rcode: 'NOERROR', authoritative: true, answers, authorities: [] };
}

function answersOf(rrset: Rrset, name: string): Answer[] {
  return rrset.records.map((row) => toAnswer(name, rrset.type, rrset.ttl, row.content));
}

/** RFC 2308 3: the SOA with the lower of its TTL and its minimum. */
function negativeSoa(zones: Zones, zone: Zone): Answer[] {
  const soa = zones.find(zone.name, zone.name, 'SOA');
  const content = soa?.records[0]?.content;
  if (!soa || !content) return [];
  const minimum = Number(content.split(' ')[6]);
  return [toAnswer(zone.name, 'SOA', Math.min(soa.ttl, minimum), content)];
}
