-- What Postfix, Dovecot and rspamd read; their queries are in docs/mailhost.md. Addresses and names are lower case.

create table if not exists virtual_domains (
  name text primary key,
  -- false: mail is deferred (4xx) and nobody logs in
  active boolean not null,
  dkim_selector text not null,
  dkim_private_key text not null
);

create table if not exists virtual_mailboxes (
  address text primary key,
  domain text not null references virtual_domains on delete cascade,
  -- with its scheme: {ARGON2ID}$argon2id$...
  password text not null,
  quota_mb integer not null check (quota_mb > 0),
  active boolean not null,
  -- Below the mail root. Never that of an earlier owner of the address.
  maildir text not null unique
);
create index if not exists virtual_mailboxes_domain on virtual_mailboxes (domain);

create table if not exists virtual_aliases (
  source text not null,
  destination text not null,
  domain text not null references virtual_domains on delete cascade,
  primary key (source, destination)
);
create index if not exists virtual_aliases_domain on virtual_aliases (domain);

-- Maildirs without a mailbox: the mail server removes each 30 days after.
create table if not exists maildir_trash (
  maildir text primary key,
  deleted_at timestamptz not null default now()
);
