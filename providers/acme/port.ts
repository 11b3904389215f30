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
}

export interface AcmeAuthorization {
  url: string;
  identifier: string;
  wildcard: boolean;
  status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  /** The dns-01 challenge, absent where the CA offers none. */
  dns01?: { url: string; status: string; /** Value of the TXT record at _acme-challenge.<identifier>. */ txt: string; error?: string };
}

export interface Certificate {
  /** PEM, leaf first. */
  chain: string;
  notBefore: Date;
  notAfter: Date;
  /** Lower-case hex. */
  serial: string;
}

/** An ACME CA. Every call throws ProviderError; rate limits are kind `busy` with the CA's Retry-After. */
export interface Acme {
  /** Registers the account key, or finds the account that has it. PKCS#8 PEM. Answers the account URL. */
  ensureAccount(accountKeyPem: string, contactEmail: string): Promise<string>;
  newOrder(account: AcmeAccount, names: string[]): Promise<AcmeOrder>;
  /** Undefined when the CA does not know the order any more. */
  order(account: AcmeAccount, url: string): Promise<AcmeOrder | undefined>;
  authorization(account: AcmeAccount, url: string): Promise<AcmeAuthorization>;
  /** Tells the CA that the challenge can be checked; harmless when it was told before. */
  challengeReady(account: AcmeAccount, challengeUrl: string): Promise<void>;
  /** @param csr PEM or DER in base64url */
  finalize(account: AcmeAccount, order: AcmeOrder, csr: string): Promise<AcmeOrder>;
  certificate(account: AcmeAccount, url: string): Promise<Certificate>;
  revoke(account: AcmeAccount, chainPem: string): Promise<void>;
  /** ARI (RFC 9773): when to renew; undefined where the CA has none. */
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
