/** RFC 8555 order with its resources' URLs; every URL is stored by the caller so that each call can be resumed. */
export interface AcmeOrder {
  url: string;
  status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  identifiers: string[];
  authorizations: string[];
  finalize: string;
  certificate?: string;
  expires?: Date;
  /** Problem document of an invalid order, as one sentence. */
  error?: string;
  /** How long the CA asks to wait before the next look. */
  retryAfterMs?: number;
}

export interface AcmeAuthorization {
  url: string;
  /** Without the `*.` of a wildcard. */
  identifier: string;
  wildcard: boolean;
  status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  /** The dns-01 challenge, absent where the CA offers none. */
  dns01?: {
    url: string;
    status: 'pending' | 'processing' | 'valid' | 'invalid';
    /** Value of the TXT record at _acme-challenge.<identifier>. Others may stand there at once: add it, replace none. */
    txt: string;
    /** Problem document of a failed check, as one sentence. */
    error?: string;
  };
  /** How long the CA asks to wait before the next look. */
  retryAfterMs?: number;
}

export interface Certificate {
  /** PEM, leaf first. */
  chain: string;
  notBefore: Date;
  notAfter: Date;
  /** Lower-case hex. */
  serial: string;
}

/**
 * An ACME CA. Every call throws ProviderError whose `code` is the problem's type URN where the CA gave one. Rate limits,
 * 503 and nonce storms are kind `busy`, with the CA's Retry-After; a lost answer is `unavailable` for a read and
 * `unknown` for a call that changes something.
 */
export interface Acme {
  /** Reads the directory anew: throws where the CA cannot be reached. */
  ping(): Promise<void>;
  /** Registers the account key, or finds the account that has it. PKCS#8 PEM. Answers the account URL. */
  ensureAccount(accountKeyPem: string, contactEmail: string): Promise<string>;
  /**
   * The CA may answer an order it has already: its status can be anything but `invalid`.
   * @param replaces PEM of the certificate that this order renews: exempt from rate limits where the CA speaks ARI. Where
   * it refuses that, the order is made as any other.
   */
  newOrder(account: AcmeAccount, names: string[], replaces?: string): Promise<AcmeOrder>;
  /** Undefined when the CA does not know the order any more. */
  order(account: AcmeAccount, url: string): Promise<AcmeOrder | undefined>;
  /** Kind `absent` when it has expired. */
  authorization(account: AcmeAccount, url: string): Promise<AcmeAuthorization>;
  /** Tells the CA that the challenge can be checked; harmless when it was told before. */
  challengeReady(account: AcmeAccount, challengeUrl: string): Promise<void>;
  /**
   * Kind `conflict` when the order is not `ready` (any more): look at it.
   * @param csr PEM or DER in base64url
   */
  finalize(account: AcmeAccount, order: AcmeOrder, csr: string): Promise<AcmeOrder>;
  certificate(account: AcmeAccount, url: string): Promise<Certificate>;
  /** Done as well when it was revoked before. */
  revoke(account: AcmeAccount, chainPem: string): Promise<void>;
  /**
   * Serials of those of these certificates (PEM, leaf first) that the CA has revoked, from the lists (CRL) that they name:
   * one call for each list. One that names none is passed over.
   */
  findRevoked(chains: string[]): Promise<Set<string>>;
  /** ARI (RFC 9773): when to renew, and when to ask again; undefined where the CA has none for this certificate. */
  renewalWindow(chainPem: string): Promise<{ start: Date; end: Date; retryAfterMs: number } | undefined>;
}

export interface AcmeAccount {
  url: string;
  keyPem: string;
}

/** A fresh P-256 key and a CSR for these names. */
export interface CertificateRequest {
  /** PKCS#8 PEM. */
  keyPem: string;
  csrPem: string;
}
