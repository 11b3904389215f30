import { simpleParser } from 'mailparser';
import type { Collection, Store } from '../../lib/store.ts';

/** One mail the sink took, decoded. `raw` is the message byte by byte (latin1). */
export interface Kept {
  id: number;
  at: string;
  from: string;
  to: string[];
  subject: string;
  messageId: string;
  text: string;
  /** The HTML part, or empty. */
  html: string;
  headers: string[];
  /** Accepted, and then returned to its sender. */
  bounced: boolean;
  raw: string;
}

export interface Arriving {
  from: string;
  to: string[];
  raw: Buffer;
  bounced?: boolean;
}

/** Every mail the sink took, oldest first, numbered from 1. */
export class Messages {
  readonly #rows: Collection<Kept>;
  #last: number;

  constructor(store: Store) {
    this.#rows = store.collection<Kept>('mail.sink');
    this.#last = Math.max(0, ...this.#rows.values().map(({ id }) => id));
  }

  async keep({ from, to, raw, bounced = false }: Arriving): Promise<Kept> {
    const parsed = await simpleParser(raw);
    const id = ++this.#last;
    return this.#rows.set(String(id), {
      id,
      at: new Date().toISOString(),
      from,
      to,
      subject: parsed.subject ?? '',
      messageId: parsed.messageId ?? '',
      text: parsed.text ?? '',
      html: parsed.html || '',
      headers: parsed.headerLines.map(({ line }) => line),
      bounced,
      raw: raw.toString('latin1'),
    });
  }

  get(id: string): Kept | undefined {
    return this.#rows.get(id);
  }

  /** Mails after number `since`, to a recipient who is exactly `to` where given. */
  list({ to, since = 0 }: { to?: string | undefined; since?: number } = {}): Kept[] {
    const wanted = to?.toLowerCase();
    return this.#rows
      .values()
      .filter((mail) => mail.id > since && (!wanted || mail.to.some((address) => address.toLowerCase() === wanted)))
      .sort((a, b) => a.id - b.id);
  }

  clear(): void {
    this.#rows.clear();
  }
}
