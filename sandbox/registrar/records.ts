/** What the registry keeps; dates are ISO 8601 in UTC, names lower-case A-labels, money in cents of USD. */

export interface Account {
  id: string;
  password: string;
  balance: number;
}

export interface DelegationSigner {
  keyTag: string;
  alg: string;
  digestType: string;
  digest: string;
}

export interface TransactionIds {
  client?: string;
  server: string;
}

export interface Domain {
  name: string;
  roid: string;
  /** Those that were set; `ok` and `inactive` follow from the rest. */
  statuses: string[];
  registrant: string;
  contacts: { type: string; id: string }[];
  nameservers: string[];
  sponsor: string;
  creator: string;
  createdAt: string;
  updater?: string;
  updatedAt?: string;
  transferredAt?: string;
  expiresAt: string;
  authInfo: string;
  ds: DelegationSigner[];
  /** While pendingCreate: how it will end, and when, if not by act. */
  pending?: { transaction: TransactionIds; twice: boolean; dueAt?: string; ok: boolean };
  transfer?: { requester: string; requestedAt: string; loser: string; actsAt: string; years: number };
  /** While pendingDelete. */
  deletedAt?: string;
}

export interface Postal {
  type: string;
  name: string;
  org?: string;
  street: string[];
  city: string;
  sp?: string;
  pc?: string;
  cc: string;
}

export interface Contact {
  id: string;
  roid: string;
  statuses: string[];
  postal: Postal[];
  voice?: string;
  fax?: string;
  email: string;
  sponsor: string;
  creator: string;
  createdAt: string;
  updater?: string;
  updatedAt?: string;
  authInfo: string;
}

export interface Host {
  name: string;
  roid: string;
  statuses: string[];
  addresses: string[];
  sponsor: string;
  creator: string;
  createdAt: string;
  updater?: string;
  updatedAt?: string;
}

export type ChargeKind = 'create' | 'renew' | 'transfer' | 'auto-renew' | 'restore';

/** One movement on an account: charges are negative. A refund names the charge it gives back. */
export interface Entry {
  id: string;
  at: string;
  account: string;
  kind: ChargeKind | 'refund';
  name: string;
  roid: string;
  years: number;
  amount: number;
  balance: number;
  refunds?: string;
}

/** A poll message; resData is written XML. */
export interface Message {
  id: string;
  account: string;
  at: string;
  text: string;
  resData?: string;
}
