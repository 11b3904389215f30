/**
 * Looks at the outside as a stranger would. Targets are checked by the caller: only addresses we handed out. Throws
 * ProviderError of kind `unavailable` where nothing answers, or not as it should, within the time.
 */
export interface Probe {
  /** Handshake with SNI `name` at address:port; the chain is checked against `roots` (PEM; none = the system's). */
  tls(target: TlsTarget): Promise<TlsView>;
  /** Whether the server at a target completes a handshake in this version of the protocol. */
  accepts(target: TlsTarget, version: TlsVersion): Promise<boolean>;
  /** Whether a TCP connection to address:port comes about. Refused and unanswered are both no. */
  connects(target: { address: string; port: number }): Promise<boolean>;
  /**
   * Asks one name server over UDP (TCP when truncated). Contents in presentation format, names with their final dot in lower
   * case, TXT unquoted; none for NXDOMAIN and for a name without this type.
   */
  dns(server: { address: string; port: number }, name: string, type: ProbedType): Promise<string[]>;
}

export interface TlsTarget {
  address: string;
  port: number;
  name: string;
  roots: string[];
}

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export type ProbedType = 'A' | 'AAAA' | 'CNAME' | 'NS' | 'PTR' | 'MX' | 'SRV' | 'TXT' | 'CAA' | 'SOA' | 'DNSKEY' | 'DS';

export interface TlsView {
  /** The chain leads to a root and the name matches. */
  trusted: boolean;
  /** Why not, where not. */
  error: string | undefined;
  /** Lower-case hex of the served leaf, no zero byte in front. */
  serial: string;
  notAfter: Date;
  /** Common name, else the whole distinguished name. */
  issuer: string;
}
