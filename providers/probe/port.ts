/**
 * Looks at the outside as a stranger would. Targets are checked by the caller: only addresses we handed out. Throws
 * ProviderError of kind `unavailable` where nothing answers, or not as it should, within the time.
 */
export interface Probe {
  /** Handshake with SNI `name` at address:port; the chain is checked against `roots` (PEM; none = the system's). */
  tls(target: { address: string; port: number; name: string; roots: string[] }): Promise<TlsView>;
  /**
   * Asks one name server over UDP (TCP when truncated). Contents in presentation format, names with their final dot in lower
   * case, TXT unquoted; none for NXDOMAIN and for a name without this type.
   */
  dns(server: { address: string; port: number }, name: string, type: ProbedType): Promise<string[]>;
}

export type ProbedType = 'A' | 'AAAA' | 'CNAME' | 'NS' | 'PTR' | 'MX' | 'SRV' | 'TXT' | 'CAA' | 'SOA';

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
