/** The tables that Postfix and Dovecot read (providers/mailhost/schema.sql), in a database of their own. */
export interface MailHost {
  /** Creates the tables where they are missing. */
  migrate(): Promise<void>;
  /** Creates or finds the domain; `active` false makes its mailboxes refuse mail with a 4xx and logins fail. */
  ensureDomain(
    name: string,
    domain: { active: boolean; dkim: { selector: string; privateKeyPem: string } },
  ): Promise<void>;
  /** Removes the domain with all its mailboxes. Their maildirs go to the trash for 30 days. */
  deleteDomain(name: string): Promise<void>;
  /** Creates the mailbox or makes it equal. `passwordHash` with its scheme: {ARGON2ID}$argon2id$… */
  ensureMailbox(address: string, mailbox: { passwordHash: string; quotaMb: number; active: boolean }): Promise<void>;
  deleteMailbox(address: string): Promise<void>;
  readMailbox(address: string): Promise<{ quotaMb: number; active: boolean } | undefined>;
  close(): Promise<void>;
}
