import { verify } from '@node-rs/argon2';
import pg from 'pg';

/** A mailbox as Postfix' and Dovecot's map queries see it. */
export interface Entry {
  address: string;
  password: string;
  quotaBytes: number;
  /** Both the mailbox and its domain are. */
  active: boolean;
  maildir: string;
}

/** The mail database could not be asked: every answer that rests on it is a temporary failure. */
export class LookupFailure extends Error {}

const TIMEOUT_MS = 3000;
const MAX_ALIASES = 10;

const DOMAIN = 'select name from virtual_domains where name = $1';
const ALIASES = 'select destination from virtual_aliases where source = $1';
const MAILBOX = `select m.address, m.password, m.quota_mb, m.active and d.active as active, m.maildir
  from virtual_mailboxes m join virtual_domains d on d.name = m.domain where m.address = $1`;

/** The mail database, asked anew at each login and delivery: what is written there holds at once. */
export class Directory {
  readonly #pool: pg.Pool | undefined;

  constructor(url: string | undefined) {
    if (!url) return;
    const patience = { connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS };
    this.#pool = new pg.Pool({ connectionString: url, max: 4, ...patience });
    // A server that goes away is noticed by the next lookup.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** An inactive domain is ours too: its mail is deferred, not refused. */
  async isOurs(domain: string): Promise<boolean> {
    return (await this.#rows(DOMAIN, domain)).length > 0;
  }

  async mailbox(address: string): Promise<Entry | undefined> {
    const [row] = await this.#rows(MAILBOX, address);
    if (!row) return undefined;
    const { password, active, maildir } = row as { password: string; active: boolean; maildir: string };
    return { address: String(row.address), password, active, maildir, quotaBytes: Number(row.quota_mb) * 2 ** 20 };
  }

  /** The mailboxes that an address leads to, aliases followed as Postfix does; none where nobody is there. */
  async deliverTo(address: string, depth = 0): Promise<Entry[]> {
    const aliases = depth < MAX_ALIASES ? await this.#rows(ALIASES, address.toLowerCase()) : [];
    if (aliases.length > 0) {
      const targets = aliases.map(({ destination }) => this.deliverTo(String(destination), depth + 1));
      return (await Promise.all(targets)).flat();
    }
    const mailbox = await this.mailbox(address);
    return mailbox ? [mailbox] : [];
  }

  /** All there is; nothing before the tables are made, or where there is no database. */
  async list(): Promise<{ domains: string[]; addresses: string[] }> {
    if (!this.#pool) return { domains: [], addresses: [] };
    const { rows } = await this.#ask(`select to_regclass('virtual_mailboxes') is not null as made`, []);
    if (!rows[0]?.made) return { domains: [], addresses: [] };
    const [domains, addresses] = await Promise.all([
      this.#ask('select name as word from virtual_domains order by name', []),
      this.#ask('select address as word from virtual_mailboxes order by address', []),
    ]);
    const words = ({ rows }: typeof domains) => rows.map(({ word }) => String(word));
    return { domains: words(domains), addresses: words(addresses) };
  }

  async close(): Promise<void> {
    await this.#pool?.end();
  }

  async #rows(statement: string, key: string): Promise<Record<string, unknown>[]> {
    return (await this.#ask(statement, [key.toLowerCase()])).rows;
  }

  async #ask(statement: string, values: string[]) {
    if (!this.#pool) throw new LookupFailure('MAIL_DATABASE_URL is not set');
    try {
      return await this.#pool.query<Record<string, unknown>>(statement, values);
    } catch (error) {
      throw new LookupFailure('mail database', { cause: error });
    }
  }
}

/** Whether the password fits a stored `{ARGON2ID}$argon2id$…`; other schemes fit nothing. */
export async function passwordFits(stored: string, password: string): Promise<boolean> {
  const [, scheme, hash = ''] = /^\{([\w-]+)\}(.*)$/s.exec(stored) ?? [];
  if (scheme !== 'ARGON2ID') return false;
  // A hash that does not parse is a wrong one.
  return verify(hash, password).catch(() => false);
}
