import { readFile } from 'node:fs/promises';
import { MailDatabase } from './database.ts';
import type { MailHost } from './port.ts';

export interface MailHostConfig {
  /** The database that Postfix and Dovecot read. */
  databaseUrl: string;
  /** Longest wait for a connection and for an answer, milliseconds. */
  timeoutMs?: number;
}

/** Serialises `create table if not exists`, which two sessions at once make fail. */
const MIGRATION_LOCK = 20_251_022;

/** Domains and mailboxes as rows that take effect at once. Each change is one statement: all of it or nothing. */
export function createMailHost({ databaseUrl, timeoutMs = 10_000 }: MailHostConfig): MailHost {
  const database = new MailDatabase(databaseUrl, timeoutMs);
  return {
    async migrate() {
      const schema = await readFile(new URL('schema.sql', import.meta.url), 'utf8');
      await database.write('migrate', `begin; select pg_advisory_xact_lock(${MIGRATION_LOCK}); ${schema}; commit`);
    },

    async ensureDomain(name, { active, dkim }) {
      await database.write(
        'ensureDomain',
        `insert into virtual_domains (name, active, dkim_selector, dkim_private_key) values ($1, $2, $3, $4)
         on conflict (name) do update
         set active = excluded.active, dkim_selector = excluded.dkim_selector, dkim_private_key = excluded.dkim_private_key`,
        [name.toLowerCase(), active, dkim.selector, dkim.privateKeyPem],
      );
    },

    async deleteDomain(name) {
      await database.write(
        'deleteDomain',
        `with gone as (delete from virtual_domains where name = $1)
         insert into maildir_trash (maildir) select maildir from virtual_mailboxes where domain = $1`,
        [name.toLowerCase()],
      );
    },

    async ensureMailbox(address, { passwordHash, quotaMb, active }) {
      const lower = address.toLowerCase();
      await database.write(
        'ensureMailbox',
        `insert into virtual_mailboxes (address, domain, password, quota_mb, active, maildir)
         values ($1, $2, $3, $4, $5, $2 || '/' || gen_random_uuid())
         on conflict (address) do update
         set password = excluded.password, quota_mb = excluded.quota_mb, active = excluded.active`,
        [lower, lower.slice(lower.lastIndexOf('@') + 1), passwordHash, quotaMb, active],
      );
    },

    async deleteMailbox(address) {
      await database.write(
        'deleteMailbox',
        `with gone as (delete from virtual_mailboxes where address = $1 returning maildir)
         insert into maildir_trash (maildir) select maildir from gone`,
        [address.toLowerCase()],
      );
    },

    async readMailbox(address) {
      const [row] = await database.read<{ quotaMb: number; active: boolean }>(
        'readMailbox',
        'select quota_mb as "quotaMb", active from virtual_mailboxes where address = $1',
        [address.toLowerCase()],
      );
      return row;
    },

    close: () => database.close(),
  };
}
