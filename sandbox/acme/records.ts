import type { JsonWebKey } from 'node:crypto';
import type { Collection, Store } from '../lib/store.ts';
import type { ProblemDocument } from './problem.ts';

export interface Account {
  id: string;
  jwk: JsonWebKey;
  /** RFC 7638, of the account's key. */
  thumbprint: string;
  contact: string[];
  status: 'valid' | 'deactivated';
  createdAt: string;
}

export interface Order {
  id: string;
  account: string;
  status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  names: string[];
  authorizations: string[];
  expires: string;
  /** ARI identifier of the certificate this order renews. */
  replaces?: string;
  /** Serial of its certificate, shown once the order is valid. */
  certificate?: string;
  /** How often it is still seen in `processing`, and until when (ms) at least. */
  pollsLeft: number;
  busyUntil: number;
  error?: ProblemDocument;
}

/** An authorization and its one challenge, dns-01, which shares its id. */
export interface Authorization {
  id: string;
  account: string;
  /** Without the `*.` of a wildcard. */
  name: string;
  wildcard: boolean;
  status: 'pending' | 'valid' | 'invalid' | 'deactivated';
  expires: string;
  challenge: {
    token: string;
    status: 'pending' | 'processing' | 'valid' | 'invalid';
    validated?: string;
    error?: ProblemDocument;
  };
}

export interface Issued {
  /** Lower-case hex. */
  serial: string;
  names: string[];
  account: string;
  order: string;
  notBefore: string;
  notAfter: string;
  /** PEM, leaf first, without the root. */
  chain: string;
  /** RFC 9773 4.1 */
  ariId: string;
  revoked?: { at: string; reason: number };
}

export interface Records {
  accounts: Collection<Account>;
  orders: Collection<Order>;
  authorizations: Collection<Authorization>;
  certificates: Collection<Issued>;
}

export function openRecords(store: Store): Records {
  return {
    accounts: store.collection('acme.accounts'),
    orders: store.collection('acme.orders'),
    authorizations: store.collection('acme.authorizations'),
    certificates: store.collection('acme.certificates'),
  };
}

const DAY = 86_400_000;

export const daysFromNow = (days: number) => new Date(Date.now() + days * DAY).toISOString();
export const isPast = (time: string) => Date.parse(time) <= Date.now();
