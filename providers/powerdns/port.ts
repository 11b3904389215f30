import type { Rrset } from '../../core/dns.ts';

export type { Rrset };

/** PowerDNS Authoritative HTTP API, 4.7 and later. Zone names with or without the final dot. Every call throws ProviderError. */
export interface PowerDns {
  /** Creates the zone, or finds it there; its own NS records are these afterwards, what else it holds stays. */
  ensureZone(zone: string, nameservers: string[]): Promise<void>;
  /** The zone is gone now, or was never there. */
  deleteZone(zone: string): Promise<void>;
  /** Every zone of the server with its serial, in one call; no final dot. */
  zones(): Promise<{ name: string; serial: number }[]>;
  /** All rrsets but SOA, or undefined when there is no such zone. */
  readZone(zone: string): Promise<Rrset[] | undefined>;
  /**
   * Replaces the named rrsets, all or none; one with no contents is deleted. One writer per zone at a time is the
   * caller's duty (concurrent PATCHes of a zone give duplicates). After an unknown outcome the zone is read, and the call
   * repeated once where it was not done; it may be repeated by the caller too, since a replacement is idempotent.
   */
  replaceRrsets(zone: string, rrsets: Rrset[]): Promise<void>;
  /** Whether the two have the same contents once parsed (case of targets, TXT quoting, IPv6 form), in any order. */
  same(a: Rrset, b: Rrset): boolean;
}
