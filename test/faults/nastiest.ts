import type { BEHAVIOURS, Named } from './catalog.ts';

type Id = (typeof BEHAVIOURS)[number]['id'];

/** One of a system's worst behaviours: the rows that play it, tests elsewhere, and of what is not met the reason. */
export interface Worst {
  about: string;
  rows?: readonly Id[];
  tests?: readonly Named[];
  none?: string;
}

const signIn = 'api/oidc.test.ts';
const sessions = 'api/oidc-sessions.test.ts';
const NO_SITES = 'no product of ours puts files on a site host: guests are the customer’s own';
const NO_CLUSTERS = 'no product of ours is a cluster';

/** The five worst behaviours of each system that a hosting company lives with, whether or not we have an adapter for it. */
export const WORST: Record<string, readonly Worst[]> = {
  proxmox: [
    { about: 'made, the answer lost, and told "already exists" at the next try', rows: ['clone-answer-lost', 'create-answer-lost', 'proxy-596'] },
    { about: 'a task that vanishes or does not know how it ended, or OK and nothing done', rows: ['upid-vanished', 'unexpected-status', 'ok-not-made', 'ok-not-started', 'ok-not-destroyed', 'ok-not-grown', 'ok-disk-not-added', 'ok-not-backed-up', 'ok-backup-not-removed'] },
    { about: 'locks for minutes, a backup queued behind another', rows: ['lock-for-minutes', 'flock-for-minutes', 'stale-lock', 'backup-queued', 'backup-queue-left'] },
    { about: 'a guest that moved, a VMID that others have', rows: ['guest-moved', 'guest-moved-before-delete', 'foreign-vmid', 'vmid-reused'] },
    { about: 'quorum lost, node down', rows: ['quorum-lost', 'node-down', 'node-down-deleting'] },
  ],
  powerdns: [
    { about: '500 with the change applied', rows: ['applied-500', 'not-applied-500'] },
    { about: 'rows doubled by changes at once', rows: ['parallel-patches'] },
    { about: 'one rrset of twenty refused', rows: ['one-rrset-refused', 'mail-dns-refused'] },
    { about: 'contents in another form', rows: ['other-form'] },
    { about: 'a zone deleted behind us, or half made earlier', rows: ['zone-gone', 'zone-gone-publishing', 'zone-gone-withdrawing', 'zone-half-made'] },
  ],
  acme: [
    { about: 'storms of bad nonces', rows: ['bad-nonces', 'bad-nonces-for-long'] },
    { about: '429 with a Retry-After of hours, 503 at the edge', rows: ['retry-after-an-hour', 'edge-503'] },
    { about: 'an order reused, valid already, or expired between steps', rows: ['order-valid', 'order-valid-other-key', 'authz-reused', 'order-expired'] },
    { about: 'invalid from one vantage point', rows: ['authz-invalid', 'caa-forbids', 'servfail'] },
    { about: 'a renewal window that jumps to now, `replaces` refused', rows: ['renewal-wanted-now', 'replaces-refused'] },
  ],
  registrar: [
    { about: 'done, the answer lost', rows: ['create-cut', 'renew-cut', 'delete-cut'] },
    { about: 'pending for days, told by a message that comes twice', rows: ['pending-granted', 'pending-declined'] },
    { about: 'a session cut after 2500 or while idle, too many of them', rows: ['session-ended', 'login-limit'], tests: [['providers/registrar/faults.test.ts', 'an idle one that was cut is found out by a hello before a command is lost on it']] },
    { about: 'taken, or at a premium price, between check and create', rows: ['taken-between', 'premium-between', 'premium'] },
    { about: 'renewed by the registry, transferred away, no balance', rows: ['auto-renewed', 'transferred-away', 'balance-empty'] },
  ],
  mail: [
    { about: '200 that holds a refusal', none: 'that is mailcow’s API; ours are tables of a mail host' },
    { about: 'mailboxes made, their DNS refused', rows: ['mail-dns-refused'] },
    { about: 'a quota lowered under what is used', rows: ['quota-lowered'] },
    { about: 'a deleted address made again for another', rows: ['address-again'] },
    { about: 'the API shuts us out, or the database takes no writes', rows: ['mail-read-only', 'mail-connection-lost'] },
  ],
  stripe: [
    { about: 'an event before the answer', rows: ['event-before-answer'] },
    { about: 'events twice, in reverse, and with an old time', rows: ['event-twice', 'events-reversed', 'event-late', 'event-stale'] },
    { about: 'two paid sessions for one invoice', rows: ['two-sessions'] },
    { about: 'a refund that fails later, a dispute after the refund', rows: ['refund-fails-later', 'disputed-after-refund', 'disputed'] },
    { about: 'a debit that fails after days; a customer or card deleted at Stripe', rows: ['debit-fails', 'debit-comes-late'], none: 'customers and cards are not kept: each invoice is paid on a page of its own' },
  ],
  oidc: [
    { about: 'keys change', none: 'a sign-in reads its claims over TLS from the provider; keys are for tokens of logout, and read again for one that is not known' },
    { about: 'the provider does not answer', tests: [['api/oidc-connections.test.ts', '502 for a provider that does not answer']] },
    { about: 'a callback played again, or in two tabs', tests: [[signIn, 'for a callback that is played again, and a code that is'], [signIn, 'for a state that is wrong, in another browser, and with the cookie of another sign-in']] },
    { about: 'no groups in the claims', tests: [[sessions, 'none any more: refused, and what was open ends']] },
    { about: 'a refresh token used twice', none: 'none is kept', tests: [[sessions, 'A session is not prolonged: the provider is asked again at its end']] },
  ],
  'mail out': [
    { about: 'greylisted', rows: ['greylisted', 'greylisted-for-long'] },
    { about: '250, then a bounce', rows: ['bounced'] },
    { about: 'dropped after the text', rows: ['dropped-after-data'] },
    { about: 'a certificate for another name', rows: ['relay-denies'] },
    { about: '5xx of the relay', rows: ['mail-refused'] },
  ],
  sites: [
    { about: 'SSH drops in the middle', none: NO_SITES },
    { about: 'disk full in a restore', none: NO_SITES },
    { about: 'the web server refuses for another’s site', none: NO_SITES },
    { about: 'the database is gone, its port open', none: NO_SITES },
    { about: 'an agent that runs a job twice', none: NO_SITES },
  ],
  kubernetes: [
    { about: 'the guest agent never comes', rows: ['agent-silent'] },
    { about: 'half a kubeconfig', none: NO_CLUSTERS },
    { about: 'an address that is private only', none: NO_CLUSTERS },
    { about: 'an expired certificate of the cluster', none: NO_CLUSTERS },
    { about: 'one of its clones failed', none: NO_CLUSTERS },
  ],
}; // biome-ignore format: a table
