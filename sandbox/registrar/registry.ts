import type { Collection, Store } from '../lib/store.ts';
import { addYears, GRACE_MS, PURGE_MS, tldOf } from './policy.ts';
import type { Account, ChargeKind, Contact, Domain, Entry, Host, Message } from './records.ts';
import { refuse } from './result.ts';

/** The account that the settings handed out belong to, and somebody else's. */
export const OURS: Account = { id: 'MPANEL', password: 'sandbox-registry', balance: 100_000_000 };
export const RIVAL: Account = { id: 'RIVAL', password: 'rival-registrar', balance: 100_000_000 };

export const now = () => new Date().toISOString();

/** Everything the registry holds and the book-keeping that all commands share. */
export class Registry {
  readonly contacts: Collection<Contact>;
  readonly hosts: Collection<Host>;
  readonly accounts: Collection<Account>;
  readonly ledger: Collection<Entry>;
  readonly messages: Collection<Message>;
  /** Names that are only sold at a price agreed on beforehand. */
  readonly premium: Collection<string>;
  readonly #domains: Collection<Domain>;
  readonly #counters: Collection<number>;
  readonly #store: Store;

  constructor(store: Store, name: string) {
    this.#store = store;
    this.#domains = store.collection(`${name}.domains`);
    this.#counters = store.collection(`${name}.counters`);
    this.contacts = store.collection(`${name}.contacts`);
    this.hosts = store.collection(`${name}.hosts`);
    this.accounts = store.collection(`${name}.accounts`);
    this.ledger = store.collection(`${name}.ledger`);
    this.messages = store.collection(`${name}.messages`);
    this.premium = store.collection(`${name}.premium`);
    for (const account of [OURS, RIVAL])
      if (!this.accounts.has(account.id)) this.accounts.set(account.id, { ...account });
  }

  /** All of it or nothing of it is there after a SIGKILL. */
  atomically<T>(work: () => T): T {
    this.#store.db.exec('BEGIN');
    try {
      return work();
    } finally {
      this.#store.db.exec('COMMIT');
    }
  }

  domain(name: string): Domain | undefined {
    const domain = this.#domains.get(name);
    return domain && this.#settle(domain);
  }

  domains(): Domain[] {
    return this.#domains.values().flatMap((domain) => this.#settle(domain) ?? []);
  }

  save(domain: Domain): Domain {
    return this.#domains.set(domain.name, domain);
  }

  remove(name: string): void {
    this.#domains.delete(name);
  }

  roid(kind: 'D' | 'C' | 'H'): string {
    return `${kind}${this.#next('roid')}-SBX`;
  }

  charge(account: string, kind: ChargeKind, domain: Pick<Domain, 'name' | 'roid'>, years: number): void {
    const price = tldOf(domain.name)![kind === 'create' ? 'register' : kind === 'auto-renew' ? 'renew' : kind] * years;
    const { balance } = this.accounts.get(account)!;
    // The registry renews by itself on credit; whoever asks for something must have the money.
    if (kind !== 'auto-renew' && balance < price) refuse(2104, `balance ${balance}, price ${price}`);
    this.#book({ account, kind, name: domain.name, roid: domain.roid, years, amount: -price });
  }

  /** Gives back every charge of the domain that is still within its grace period. */
  refund(domain: Domain): void {
    const returned = new Set(this.ledger.values().map((entry) => entry.refunds));
    for (const entry of this.ledger.values()) {
      if (entry.roid !== domain.roid || entry.kind === 'refund' || returned.has(entry.id)) continue;
      if (entry.account !== domain.sponsor || Date.now() - Date.parse(entry.at) >= GRACE_MS[entry.kind]) continue;
      const { account, name, roid, years } = entry;
      this.#book({ account, kind: 'refund', name, roid, years, amount: -entry.amount, refunds: entry.id });
    }
  }

  enqueue(account: string, text: string, resData?: string): void {
    const id = this.#key('message');
    this.messages.set(id, { id, account, at: now(), text, ...(resData ? { resData } : {}) });
  }

  queue(account: string): Message[] {
    return this.messages.values().filter((message) => message.account === account);
  }

  /** The account that is sponsor from now on, with another password for transfers. */
  hand(domain: Domain, to: string): Domain {
    const { transfer: _, ...kept } = domain;
    const statuses = domain.statuses.filter((status) => status !== 'pendingTransfer');
    return this.save({ ...kept, statuses, sponsor: to, transferredAt: now(), authInfo: crypto.randomUUID() });
  }

  renewByItself(domain: Domain): Domain {
    this.charge(domain.sponsor, 'auto-renew', domain, 1);
    this.enqueue(domain.sponsor, `Domain ${domain.name} was renewed automatically`);
    return this.save({ ...domain, expiresAt: addYears(domain.expiresAt, 1) });
  }

  /** What passing time has done to the domain since it was last looked at. */
  #settle(domain: Domain): Domain | undefined {
    const time = Date.now();
    if (domain.deletedAt) {
      if (Date.parse(domain.deletedAt) + PURGE_MS > time) return domain;
      this.remove(domain.name);
      return undefined;
    }
    if (domain.transfer && Date.parse(domain.transfer.actsAt) <= time)
      return this.#settle(this.#completeTransfer(domain));
    return Date.parse(domain.expiresAt) <= time ? this.#settle(this.renewByItself(domain)) : domain;
  }

  #completeTransfer(domain: Domain): Domain {
    const { requester, years } = domain.transfer!;
    return this.hand({ ...domain, expiresAt: addYears(domain.expiresAt, years) }, requester);
  }

  #book(entry: Omit<Entry, 'id' | 'at' | 'balance'>): void {
    const account = this.accounts.get(entry.account)!;
    const balance = account.balance + entry.amount;
    this.accounts.set(account.id, { ...account, balance });
    const id = this.#key('ledger');
    this.ledger.set(id, { id, at: now(), ...entry, balance });
  }

  #next(counter: string): number {
    return this.#counters.set(counter, (this.#counters.get(counter) ?? 0) + 1);
  }

  /** Keys that sort by age, since a collection is read back sorted. */
  #key(counter: string): string {
    return String(this.#next(counter)).padStart(12, '0');
  }
}
