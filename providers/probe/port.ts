/** Looks at the outside as a stranger would. Targets are checked by the caller: only addresses we handed out. */
export interface Probe {
  /** Handshake with SNI `name` at address:port; the chain is checked against `roots` (PEM; none = the system's). */
  tls(target: { address: string; port: number; name: string; roots: string[] }): Promise<TlsView>;
  /** Asks one name server over UDP (TCP when truncated). Contents in presentation format, TXT unquoted. */
  dns(server: { address: string; port: number }, name: string, type: string): Promise<string[]>;
}

export interface TlsView {
  /** The chain leads to a root and the name matches. */
  trusted: boolean;
  /** Why not, where not. */
  error: string | undefined;
  /** Lower-case hex of the served leaf. */
  serial: string;
  notAfter: Date;
  issuer: string;
}
