/** All records of one name and type. Names and host targets are absolute, lower case, with a final dot. */
export interface Rrset {
  name: string;
  type: string;
  /** Seconds. */
  ttl: number;
  /** Wire-ready presentation format: quoted TXT, "10 mx.example." for MX. */
  contents: string[];
}

/** PowerDNS Authoritative HTTP API, 4.7 and later. Every call throws ProviderError. */
export interface PowerDns {
  /** Creates the zone with these NS records, or finds it there; a zone that exists keeps its records. */
  ensureZone(zone: string, nameservers: string[]): Promise<void>;
  /** True when it is gone now or was never there. */
  deleteZone(zone: string): Promise<void>;
  /** All rrsets but SOA, or undefined when there is no such zone. */
  readZone(zone: string): Promise<Rrset[] | undefined>;
  /**
   * Replaces the named rrsets, all or none; one with no contents is deleted. One writer per zone at a time is the
   * caller's duty (concurrent PATCHes of a zone give duplicates). An unknown outcome may be repeated: REPLACE is idempotent.
   */
  replaceRrsets(zone: string, rrsets: Rrset[]): Promise<void>;
  /** Whether the two have the same contents once parsed (case of targets, TXT quoting, IPv6 form). */
  same(a: Rrset, b: Rrset): boolean;
}
