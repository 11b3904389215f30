import type { Collection, Store } from '../../lib/store.ts';

/** A delivered mail; `raw` is the message byte by byte (latin1). */
export interface Delivered {
  /** RFC 1939 UIDL: never given twice. */
  uid: string;
  maildir: string;
  /** The mailbox' address when it came. */
  address: string;
  at: string;
  raw: string;
}

/** The mails below the mail root, by maildir. */
export class Maildirs {
  readonly #rows: Collection<Delivered>;
  #last: number;

  constructor(store: Store) {
    this.#rows = store.collection<Delivered>('mail.maildirs');
    this.#last = Math.max(0, ...this.#rows.values().map(({ uid }) => Number(uid)));
  }

  deliver({ maildir, address }: { maildir: string; address: string }, raw: string): void {
    const uid = String(++this.#last);
    this.#rows.set(uid, { uid, maildir, address, at: new Date().toISOString(), raw });
  }

  list(maildir: string): Delivered[] {
    return this.#rows
      .values()
      .filter((mail) => mail.maildir === maildir)
      .sort((a, b) => Number(a.uid) - Number(b.uid));
  }

  used(maildir: string): number {
    return this.list(maildir).reduce((total, { raw }) => total + raw.length, 0);
  }

  remove(uid: string): void {
    this.#rows.delete(uid);
  }

  all(): Delivered[] {
    return this.#rows.values();
  }
}
