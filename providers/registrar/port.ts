/** Contact as EPP wants it (RFC 5733); country is ISO 3166-1 alpha-2. */
export interface Contact {
  name: string;
  organization?: string;
  email: string;
  /** E.164 with a dot after the country code: +1.5551234. */
  phone?: string;
  street: string[];
  city: string;
  state?: string;
  postalCode?: string;
  countryCode: string;
}

export interface DomainView {
  name: string;
  roid: string;
  statuses: string[];
  registrant: string;
  nameservers: string[];
  /** Client that sponsors it now: ours, or somebody else's after a transfer. */
  sponsor: string;
  createdAt: Date;
  /** Registry's expiry; UTC. */
  expiresAt: Date;
  /** Only known to the sponsor. */
  authInfo?: string;
}

export type Availability = { name: string; available: boolean; reason?: string };

/** A poll message (RFC 5730 2.9.2.3): the late result of a pending operation, a transfer, a registry's notice. */
export interface PollMessage {
  id: string;
  at: Date;
  text: string;
  /** panData of a pending create or transfer (RFC 5731 3.3). */
  pending?: { name: string; succeeded: boolean; transaction: string };
}

/** A registrar account reached over EPP (RFC 5730–5734). Names are A-labels. Every call throws ProviderError. */
export interface Registrar {
  /** Our client id at the registry. */
  readonly clientId: string;
  check(names: string[]): Promise<Availability[]>;
  /** Creates the contact under our id or finds it there; an existing one is made equal. Throws kind `conflict` where another registrar has the id. */
  ensureContact(id: string, contact: Contact): Promise<void>;
  /** Gone now, never there or never ours; a contact still linked is left alone. */
  deleteContact(id: string): Promise<void>;
  /** Makes missing host objects. Hosts inside the registry's zones need addresses and their domain ours, all others must have none. */
  ensureHosts(hosts: { name: string; addresses: string[] }[]): Promise<void>;
  /** `pending`: accepted (1001), the result comes by poll message. Throws kind `conflict` on 2302, `unknown` on a lost answer. */
  createDomain(domain: {
    name: string;
    years: number;
    registrant: string;
    nameservers: string[];
    authInfo: string;
  }): Promise<{ pending: boolean; expiresAt?: Date }>;
  /** Undefined when the registry says there is no such domain (2303). */
  info(name: string): Promise<DomainView | undefined>;
  /**
   * `currentExpiry` guards against renewing twice (RFC 5731 curExpDate). Throws kind `conflict` where the registry's expiry
   * is another or the term cannot be had (2004, 2105 or 2306, as the registry likes): look at {@link info} then, and after
   * `unknown`; an expiry of the old date + years is success.
   */
  renew(name: string, currentExpiry: Date, years: number): Promise<{ expiresAt: Date }>;
  /** Host objects must exist. Throws kind `absent` where they, or the domain, do not. */
  setNameservers(name: string, nameservers: string[]): Promise<void>;
  /** Gone now, pendingDelete, never there, or not ours any more. Throws kind `busy` while a create or transfer is pending. */
  deleteDomain(name: string): Promise<void>;
  /** The oldest message, undefined when there is none; it stays until acknowledged, and may come twice. */
  poll(): Promise<PollMessage | undefined>;
  /** Acknowledged now or before. */
  acknowledge(messageId: string): Promise<void>;
  close(): Promise<void>;
}
