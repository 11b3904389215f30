/** A test by its file, below test/, and its name. */
export type Named = readonly [file: string, name: string];

/** How the behaviour is brought about at the stand-in. */
export type How =
  /** A switch of the stand-in. */
  | { switch: string }
  /** An act: something that happens behind our back. */
  | { act: string }
  /** The kit's own actions, that every stand-in knows. */
  | { kit: 'drop' | 'status' | 'delay' }
  /** Statements on the database itself. */
  | { sql: true };

export interface Behaviour {
  id: string;
  system: 'proxmox' | 'powerdns' | 'acme' | 'registrar' | 'mail' | 'stripe' | 'vies';
  about: string;
  how: How;
  /** A test of ours that meets it, never the stand-in's own. */
  adapter: Named;
  /** Where it is played under a workflow: 'here' is test/faults/<system>.test.ts, under the id. */
  workflow: 'here' | Named;
}

const guests = 'providers/proxmox/guests.test.ts';
const tasks = 'providers/proxmox/tasks.test.ts';
const pveApi = 'providers/proxmox/api.test.ts';
const pveFaults = 'providers/proxmox/faults.test.ts';
const pveBackups = 'providers/proxmox/backups.test.ts';
const moves = 'providers/proxmox/whereabouts.test.ts';
const dns = 'providers/powerdns/client.test.ts';
const acme = 'providers/acme/faults.test.ts';
const epp = 'providers/registrar/faults.test.ts';
const eppOps = 'providers/registrar/operations.test.ts';
const mailhost = 'providers/mailhost/client.test.ts';
const smtp = 'providers/smtp/mailer.test.ts';
const tls = 'providers/probe/tls.test.ts';
const stripe = 'providers/stripe/payments.test.ts';
const disputes = 'providers/stripe/disputes.test.ts';
const vies = 'providers/vies/client.test.ts';
const vat = 'activities/vat.test.ts';
/** Of events our API is the receiver. */
const webhook = 'api/stripe-webhook.test.ts';
const payment = 'e2e/payment.test.ts';

/** What the systems that have an adapter are known to do, and where each is played. */
export const BEHAVIOURS = [
  { id: 'clone-answer-lost', system: 'proxmox', about: 'a clone is taken on and its answer lost', how: { kit: 'drop' }, adapter: [pveApi, 'under a write is an unknown outcome, asked once'], workflow: 'here' },
  { id: 'create-answer-lost', system: 'proxmox', about: 'a container is made and the answer lost', how: { kit: 'drop' }, adapter: [tasks, 'to a create is found again by its task'], workflow: 'here' },
  { id: 'proxy-596', system: 'proxmox', about: 'the proxy gives up on a call that ran', how: { switch: 'proxy-timeout-596' }, adapter: [pveApi, '596 is unknown though the call ran'], workflow: 'here' },
  { id: 'upid-vanished', system: 'proxmox', about: 'the task is known no more, the guest is there', how: { switch: 'upid-vanishes' }, adapter: [tasks, 'that nobody knows any more is lost, the guest is there'], workflow: 'here' },
  { id: 'unexpected-status', system: 'proxmox', about: 'the task does not know how it ended, the guest is there', how: { switch: 'task-unexpected-status' }, adapter: [tasks, 'that was killed is lost'], workflow: 'here' },
  { id: 'ok-not-started', system: 'proxmox', about: 'the start ends OK and nothing runs', how: { switch: 'task-ok-not-done' }, adapter: [pveFaults, 'though nothing was started: the guest is stopped, and the next call starts it'], workflow: 'here' },
  { id: 'ok-not-made', system: 'proxmox', about: 'the clone ends OK and nothing was made', how: { switch: 'task-ok-not-done' }, adapter: [pveFaults, 'though nothing was cloned: there is no guest'], workflow: 'here' },
  { id: 'ok-not-destroyed', system: 'proxmox', about: 'the removal ends OK and the guest stays', how: { switch: 'task-ok-not-done' }, adapter: [pveFaults, 'though nothing was destroyed: the guest is there, and the next call destroys it'], workflow: 'here' },
  { id: 'task-fails', system: 'proxmox', about: 'the clone fails for want of a lock on its template', how: { switch: 'task-fails' }, adapter: [tasks, 'that failed tells why'], workflow: 'here' },
  { id: 'lock-for-a-while', system: 'proxmox', about: 'a backup holds the guest for a moment', how: { switch: 'lock-held' }, adapter: [pveFaults, 'for a backup is busy, told by the call or by its task, until that has ended'], workflow: 'here' },
  { id: 'lock-for-minutes', system: 'proxmox', about: 'a backup holds the guest for longer than a step has patience', how: { switch: 'lock-held' }, adapter: [pveFaults, 'for a backup is busy, told by the call or by its task, until that has ended'], workflow: 'here' },
  { id: 'stale-lock', system: 'proxmox', about: 'a lock was left behind by a node that died', how: { act: 'set-config' }, adapter: [pveFaults, 'whose lock was left behind is busy, and shows the lock'], workflow: 'here' },
  { id: 'flock-timeout', system: 'proxmox', about: 'the config file is locked by others, twice', how: { switch: 'flock-timeout' }, adapter: [pveFaults, 'by its config file is busy, and nothing has changed'], workflow: 'here' },
  { id: 'flock-for-minutes', system: 'proxmox', about: 'the config file stays locked', how: { switch: 'flock-timeout' }, adapter: [pveFaults, 'by its config file is busy, and nothing has changed'], workflow: 'here' },
  { id: 'guest-moved', system: 'proxmox', about: 'the guest moves to another node while it is set up', how: { switch: 'guest-moves' }, adapter: [moves, 'moving while it is acted upon is followed'], workflow: 'here' },
  { id: 'guest-moved-before-delete', system: 'proxmox', about: 'the guest has moved when it is to be destroyed', how: { act: 'move-guest' }, adapter: [moves, 'is started, changed and destroyed there'], workflow: 'here' },
  { id: 'foreign-vmid', system: 'proxmox', about: 'a foreign guest sits on the VMID that we hold', how: { act: 'plant-guest' }, adapter: [guests, 'under a taken id is a conflict'], workflow: 'here' },
  { id: 'vmid-reused', system: 'proxmox', about: 'our guest was destroyed and its VMID given to a foreign one', how: { act: 'plant-guest' }, adapter: [guests, 'leaves a foreign guest under our id alone'], workflow: 'here' },
  { id: 'quorum-lost', system: 'proxmox', about: 'the cluster has lost its quorum: writes die', how: { switch: 'quorum-lost' }, adapter: [pveFaults, 'without quorum takes no writes, which is busy; it is read, and of no guest is told that it stands still'], workflow: 'here' },
  { id: 'node-down', system: 'proxmox', about: 'the node is down while a guest is made', how: { switch: 'node-down' }, adapter: [tasks, 'on a node that is down is not lost'], workflow: 'here' },
  { id: 'node-down-deleting', system: 'proxmox', about: 'the node is down while a guest is destroyed: it is not gone', how: { switch: 'node-down' }, adapter: [moves, 'a guest is not gone as long as the cluster lists it'], workflow: 'here' },
  { id: 'unreachable-deleting', system: 'proxmox', about: 'nothing answers while a guest is destroyed: it is not gone', how: { kit: 'drop' }, adapter: [moves, 'nor when the cluster cannot be asked'], workflow: 'here' },
  { id: 'storage-full', system: 'proxmox', about: 'there is no space for the clone', how: { switch: 'storage-full' }, adapter: [pveFaults, 'without space ends a clone as busy and keeps nothing of it'], workflow: 'here' },
  { id: 'backup-fails', system: 'proxmox', about: 'the first backup of a plan finds no space', how: { switch: 'storage-full' }, adapter: [tasks, 'a task that ended with %s'], workflow: 'here' },
  { id: 'backup-queued', system: 'proxmox', about: 'a backup is queued behind another of its node: it seems to run, and no second one is asked for', how: { switch: 'backup-queued' }, adapter: [pveBackups, 'behind another of its node seems to run, is found by its task, and is made in the end'], workflow: 'here' },
  { id: 'backup-queue-left', system: 'proxmox', about: 'a backup gives up its place in the queue without a word', how: { switch: 'backup-queued' }, adapter: [pveBackups, 'that gives up its place in the queue is lost, and there is none'], workflow: 'here' },
  { id: 'ok-not-grown', system: 'proxmox', about: "growing a new guest's disk ends OK and it has its template's", how: { switch: 'task-ok-not-done' }, adapter: [pveFaults, 'though nothing grew: the disk is as it was, and the next call grows it'], workflow: 'here' },
  { id: 'ok-disk-not-added', system: 'proxmox', about: 'growing a disk by an add-on ends OK and it is as before', how: { switch: 'task-ok-not-done' }, adapter: [pveFaults, 'though nothing grew: the disk is as it was, and the next call grows it'], workflow: 'here' },
  { id: 'ok-not-backed-up', system: 'proxmox', about: 'the first backup ends OK and there is none', how: { switch: 'task-ok-not-done' }, adapter: [tasks, 'a task that ended with %s'], workflow: 'here' },
  { id: 'ok-backup-not-removed', system: 'proxmox', about: 'the removal of a backup ends OK and it stays', how: { switch: 'task-ok-not-done' }, adapter: [tasks, 'a task that ended with %s'], workflow: 'here' },
  { id: 'agent-silent', system: 'proxmox', about: 'the guest agent does not come up', how: { switch: 'agent-never-answers' }, adapter: ['providers/proxmox/agent.test.ts', 'that never comes up does not answer'], workflow: 'here' },
  { id: 'edge-not-trusted', system: 'proxmox', about: 'the guest serves a certificate of nobody: it is not taken for ours', how: { act: 'break-edge' }, adapter: [tls, 'with a chain to another root is not'], workflow: 'here' },
  { id: 'edge-old-certificate', system: 'proxmox', about: 'the guest goes on with its old certificate', how: { act: 'break-edge' }, adapter: [tls, 'with a chain to the root, for the name, is trusted'], workflow: 'here' },
  { id: 'edge-silent', system: 'proxmox', about: 'nobody answers where the guest should serve its certificate', how: { act: 'stop-guest' }, adapter: [tls, 'where nothing listens'], workflow: 'here' },
  { id: 'template-gone', system: 'proxmox', about: 'the template is gone', how: { act: 'destroy-guest' }, adapter: [guests, 'of a template that is gone is refused for good'], workflow: ['e2e/failure.test.ts', 'a template that is gone: nothing is left, nothing is kept'] },
  { id: 'bad-parameter', system: 'proxmox', about: 'a parameter is not taken', how: { kit: 'status' }, adapter: [guests, 'with a parameter that Proxmox does not take names the parameter'], workflow: ['e2e/failure.test.ts', 'parameters that Proxmox does not take: a clean slate, all the money back, the customer told why'] },

  { id: 'applied-500', system: 'powerdns', about: '500 with the change applied', how: { switch: 'applied-then-500' }, adapter: [dns, 'a 500 after the change is looked up, not repeated'], workflow: 'here' },
  { id: 'not-applied-500', system: 'powerdns', about: '500 with nothing changed', how: { kit: 'status' }, adapter: [dns, 'a 500 instead of the change is repeated once'], workflow: 'here' },
  { id: 'parallel-patches', system: 'powerdns', about: 'changes of one zone at the same time would double its rows', how: { switch: 'parallel-patch-duplicates' }, adapter: [dns, 'rows that two changes at once have doubled are not the same; the next change makes them one'], workflow: 'here' },
  { id: 'one-rrset-refused', system: 'powerdns', about: 'one rrset of twenty is refused: the others are written, the one is named', how: { switch: 'one-rrset-refused' }, adapter: [dns, 'one that is refused voids all'], workflow: 'here' },
  { id: 'other-form', system: 'powerdns', about: 'contents come back in another form', how: { switch: 'content-other-form' }, adapter: [dns, 'contents that come back in another form are the same'], workflow: 'here' },
  { id: 'zone-gone', system: 'powerdns', about: 'the zone was deleted behind us', how: { switch: 'zone-vanishes' }, adapter: [dns, 'a zone deleted behind us is absent'], workflow: 'here' },
  { id: 'zone-gone-publishing', system: 'powerdns', about: 'the zone was deleted before a guest is published in it', how: { act: 'delete-zone' }, adapter: [dns, 'a zone deleted behind us is absent'], workflow: 'here' },
  { id: 'zone-gone-withdrawing', system: 'powerdns', about: 'the zone was deleted before mail is taken out of it', how: { act: 'delete-zone' }, adapter: [dns, 'a zone deleted behind us is absent'], workflow: 'here' },
  { id: 'zone-half-made', system: 'powerdns', about: 'the zone is there from an earlier try', how: { kit: 'drop' }, adapter: [dns, 'a lost answer to its creation is harmless'], workflow: 'here' },
  { id: 'dns-down', system: 'powerdns', about: 'the name server does not answer', how: { kit: 'drop' }, adapter: [dns, 'a server that is not there is unavailable, for writes too'], workflow: 'here' },
  { id: 'servfail', system: 'powerdns', about: 'the zone cannot be looked up for the challenge', how: { switch: 'servfail' }, adapter: ['providers/probe/dns.test.ts', 'that the server cannot give'], workflow: 'here' },
  { id: 'no-answer', system: 'powerdns', about: 'questions for the challenge are met with silence, for a while', how: { switch: 'no-answer' }, adapter: ['providers/probe/dns.test.ts', 'at first: the question is asked again'], workflow: 'here' },

  { id: 'bad-nonces', system: 'acme', about: 'a storm of bad nonces', how: { switch: 'bad-nonce' }, adapter: [acme, 'a storm of refusals is ridden out'], workflow: 'here' },
  { id: 'bad-nonces-for-long', system: 'acme', about: 'a storm of bad nonces without end', how: { switch: 'bad-nonce' }, adapter: [acme, 'a storm without end is busy, after a bounded number of tries'], workflow: 'here' },
  { id: 'retry-after-an-hour', system: 'acme', about: '429 with a Retry-After of an hour: asked once, then waited for', how: { switch: 'rate-limited' }, adapter: [acme, 'a rate limit is busy for as long as the CA says, and nothing was made'], workflow: 'here' },
  { id: 'edge-503', system: 'acme', about: '503 at the edge', how: { switch: 'edge-503' }, adapter: [acme, 'a 503 of the edge is busy too, at the directory and at any step'], workflow: 'here' },
  { id: 'order-valid', system: 'acme', about: 'a renewal gets the old order, which is valid: a new one is made', how: { switch: 'order-already-valid' }, adapter: [acme, 'an order can be valid from the start, with its certificate'], workflow: 'here' },
  { id: 'order-valid-other-key', system: 'acme', about: 'a valid order of earlier has a certificate for another key: a new one is made', how: { switch: 'order-already-valid' }, adapter: [acme, 'an order can be valid from the start, with its certificate'], workflow: 'here' },
  { id: 'authz-reused', system: 'acme', about: 'the order is ready from the start', how: { switch: 'authz-reused' }, adapter: [acme, 'an order can be ready from the start, by authorizations of earlier'], workflow: 'here' },
  { id: 'order-expired', system: 'acme', about: 'the order expires between steps', how: { switch: 'order-expired-between-steps' }, adapter: [acme, 'an order that expired between steps is gone'], workflow: 'here' },
  { id: 'authz-invalid', system: 'acme', about: 'one vantage point sees something else, once', how: { switch: 'authz-invalid' }, adapter: [acme, 'a check that fails from elsewhere makes authorization and order invalid, with the reason'], workflow: 'here' },
  { id: 'caa-forbids', system: 'acme', about: 'a CAA record forbids it', how: { switch: 'authz-invalid' }, adapter: [acme, 'a check that fails from elsewhere makes authorization and order invalid, with the reason'], workflow: 'here' },
  { id: 'slow-ca', system: 'acme', about: 'the CA is processing for long', how: { switch: 'slow-processing' }, adapter: [acme, 'processing can take many looks, the first of them always'], workflow: 'here' },
  { id: 'finalize-answer-lost', system: 'acme', about: 'it is issued and the answer lost', how: { kit: 'drop' }, adapter: [acme, 'of a finalize leave it open; the order tells'], workflow: 'here' },
  { id: 'renewal-wanted-now', system: 'acme', about: 'the CA wants a certificate replaced now (it is to be revoked): the sweep renews it at once', how: { switch: 'ari-now' }, adapter: [acme, 'the window jumps to now'], workflow: 'here' },
  { id: 'replaces-refused', system: 'acme', about: 'the renewal is not taken as one', how: { switch: 'replaces-refused' }, adapter: [acme, 'an order whose `replaces` is refused is made without it'], workflow: 'here' },

  { id: 'create-cut', system: 'registrar', about: 'the connection is cut after a domain was created', how: { switch: 'cut-after-commit' }, adapter: [epp, 'of a create is unknown; info shows that it happened, once'], workflow: 'here' },
  { id: 'renew-cut', system: 'registrar', about: 'the connection is cut after a domain was renewed', how: { switch: 'cut-after-commit' }, adapter: [epp, 'of a renewal is unknown; repeating it does not renew twice'], workflow: 'here' },
  { id: 'delete-cut', system: 'registrar', about: 'the connection is cut after a domain was given back', how: { switch: 'cut-after-commit' }, adapter: [epp, 'of a delete is unknown; repeating it finds nothing left to delete, and the money is back once'], workflow: 'here' },
  { id: 'pending-granted', system: 'registrar', about: 'a create is pending, granted by a message that comes twice', how: { switch: 'pending-create' }, adapter: [epp, 'is told, cannot be deleted meanwhile, and ends with a message that comes twice'], workflow: 'here' },
  { id: 'pending-declined', system: 'registrar', about: 'a create is pending, then declined', how: { switch: 'pending-create' }, adapter: [epp, 'that fails leaves no domain and gives the money back'], workflow: 'here' },
  { id: 'session-ended', system: 'registrar', about: 'the session is ended by the server', how: { switch: 'session-2500' }, adapter: [epp, 'one that the server ends with 2500 is opened again and the command sent anew'], workflow: 'here' },
  { id: 'login-limit', system: 'registrar', about: 'there are too many sessions', how: { switch: 'login-limit-2502' }, adapter: [epp, 'a login that finds too many of them is busy'], workflow: 'here' },
  { id: 'slow-registry', system: 'registrar', about: 'the answer comes late', how: { switch: 'slow' }, adapter: [epp, 'that comes after the deadline is lost, and not taken for the answer to the next command'], workflow: 'here' },
  { id: 'taken-between', system: 'registrar', about: 'somebody else takes the name between check and create', how: { switch: 'taken-between-check-and-create' }, adapter: [epp, 'a name taken between check and create is a conflict, nothing charged'], workflow: 'here' },
  { id: 'premium', system: 'registrar', about: 'the name became a premium one', how: { act: 'set-premium' }, adapter: [eppOps, 'tells free names from taken, premium and foreign ones'], workflow: 'here' },
  { id: 'premium-between', system: 'registrar', about: 'the name becomes a premium one between check and create: it is not bought at another price', how: { act: 'set-premium' }, adapter: [epp, 'a name that became premium between check and create is refused, nothing charged'], workflow: 'here' },
  { id: 'balance-empty', system: 'registrar', about: 'nothing is left on the account', how: { switch: 'balance-empty-2104' }, adapter: [epp, 'an empty account is denied, by switch and in truth'], workflow: 'here' },
  { id: 'auto-renewed', system: 'registrar', about: 'the registry renews by itself first: only what is missing is renewed', how: { switch: 'auto-renewed' }, adapter: [epp, 'a domain the registry renewed by itself is a conflict, and info shows the new date'], workflow: 'here' },
  { id: 'transferred-away', system: 'registrar', about: 'another registrar has the domain when it is renewed', how: { switch: 'transferred-away' }, adapter: [epp, 'a domain transferred away is not ours to renew, shows its new sponsor and counts as deleted'], workflow: 'here' },
  { id: 'registry-down', system: 'registrar', about: 'the registry does not answer', how: { kit: 'drop' }, adapter: [epp, 'is unavailable: nobody listens'], workflow: 'here' },

  { id: 'mail-read-only', system: 'mail', about: 'the mail database takes no writes', how: { sql: true }, adapter: [mailhost, 'a read-only database is busy'], workflow: 'here' },
  { id: 'mail-dns-refused', system: 'mail', about: 'mailboxes are made, their DNS records refused', how: { switch: 'one-rrset-refused' }, adapter: [dns, 'one that is refused voids all'], workflow: 'here' },
  { id: 'quota-lowered', system: 'mail', about: 'the quota is lowered under what is used: nothing is lost', how: { sql: true }, adapter: [mailhost, 'a mailbox is made, read, made equal, and keeps its maildir'], workflow: 'here' },
  { id: 'address-again', system: 'mail', about: 'a deleted address made again does not show the mails of the old one', how: { sql: true }, adapter: [mailhost, 'deleting is repeatable; the maildir goes to the trash and never to the next owner'], workflow: 'here' },
  { id: 'mail-connection-lost', system: 'mail', about: 'the connection breaks under the write of a mailbox', how: { kit: 'drop' }, adapter: [mailhost, 'a connection that breaks is unknown in a write, unavailable in a read; the next call works'], workflow: 'here' },
  { id: 'greylisted', system: 'mail', about: 'the relay greylists', how: { switch: 'greylist' }, adapter: [smtp, 'greylisted is busy; the second try goes through'], workflow: 'here' },
  { id: 'greylisted-for-long', system: 'mail', about: 'the relay takes nothing for long', how: { kit: 'status' }, adapter: [smtp, 'a 4xx after the text is busy'], workflow: 'here' },
  { id: 'bounced', system: 'mail', about: 'the relay takes a mail and bounces it', how: { switch: 'accept-then-bounce' }, adapter: [smtp, '250 and then a bounce: the bounce comes back to the sender'], workflow: 'here' },
  { id: 'dropped-after-data', system: 'mail', about: 'the connection drops after the text: known by its id, a second copy is the same mail', how: { switch: 'drop-after-data' }, adapter: [smtp, 'a connection dropped after DATA is unknown, and the mail may be there'], workflow: 'here' },
  { id: 'mail-refused', system: 'mail', about: 'the relay refuses for good: operators are told, the rest goes on', how: { switch: 'reject-5xx' }, adapter: [smtp, 'a 5xx is refused'], workflow: 'here' },
  { id: 'relay-denies', system: 'mail', about: 'the relay does not let us in', how: { kit: 'status' }, adapter: ['providers/smtp/tls.test.ts', 'a certificate of an unknown CA, or for another name, is denied'], workflow: 'here' },

  { id: 'refund-answer-lost', system: 'stripe', about: 'a refund is made and the answer lost', how: { kit: 'drop' }, adapter: [stripe, 'of a refund: the refund is found, not repeated'], workflow: 'here' },
  { id: 'refund-500-after', system: 'stripe', about: '500 to a refund that was made', how: { switch: 'api-error' }, adapter: [stripe, 'the same key never refunds twice, also after Stripe has forgotten it'], workflow: 'here' },
  { id: 'refund-500-before', system: 'stripe', about: '500 to a refund that was not made, kept under its key', how: { switch: 'api-error' }, adapter: [stripe, 'kept under the key of a checkout twice: the next keys are derived from what burnt them'], workflow: 'here' },
  { id: 'refund-fails-later', system: 'stripe', about: 'a refund fails after it succeeded: it goes out again', how: { switch: 'refund-fails-later' }, adapter: [stripe, 'one that failed later reads as failed'], workflow: 'here' },
  { id: 'disputed', system: 'stripe', about: 'a payment is disputed before it is refunded', how: { act: 'dispute' }, adapter: [disputes, 'a disputed charge reads as disputed, and what is sent back of it is refused'], workflow: 'here' },
  { id: 'disputed-after-refund', system: 'stripe', about: 'a payment is disputed after it was refunded: not sent again, and shown to operators', how: { act: 'dispute' }, adapter: [disputes, 'one disputed after its refund is told with its refund, and the same refund is not sent again'], workflow: 'here' },
  { id: 'stripe-down', system: 'stripe', about: 'Stripe does not answer', how: { kit: 'drop' }, adapter: [stripe, 'nobody there'], workflow: 'here' },
  { id: 'debit-fails', system: 'stripe', about: 'a debit fails after days: nothing is paid, and the customer can pay anew', how: { switch: 'payment-processing' }, adapter: [stripe, 'a payment on its way is complete and not paid'], workflow: 'here' },
  { id: 'debit-comes-late', system: 'stripe', about: 'a debit comes after days: the order is paid once', how: { switch: 'payment-processing' }, adapter: [stripe, 'a payment on its way is complete and not paid'], workflow: 'here' },
  { id: 'settled-at-once', system: 'stripe', about: 'fifty looks at one payment at the same time pay the invoice once', how: { kit: 'delay' }, adapter: [stripe, 'is made, paid and read'], workflow: 'here' },
  { id: 'event-before-answer', system: 'stripe', about: 'the event comes before our call is answered', how: { switch: 'webhook-before-answer' }, adapter: [webhook, '200 keeps the event and signals the order found by its %s'], workflow: ['e2e/strange-events.test.ts', 'events before the answer, twice, late and in reverse: charged once, delivered once'] },
  { id: 'event-twice', system: 'stripe', about: 'an event comes twice', how: { switch: 'webhook-twice' }, adapter: [webhook, '200 twice, one signal'], workflow: ['e2e/strange-events.test.ts', 'events before the answer, twice, late and in reverse: charged once, delivered once'] },
  { id: 'event-late', system: 'stripe', about: 'an event comes late', how: { switch: 'webhook-late' }, adapter: [webhook, '200 for an order that has ended: settled by a job of its own'], workflow: ['e2e/strange-events.test.ts', 'events before the answer, twice, late and in reverse: charged once, delivered once'] },
  { id: 'events-reversed', system: 'stripe', about: 'events come in reverse', how: { switch: 'webhook-reversed' }, adapter: [webhook, '200 in whatever order events come: each that tells of money is one more reason to look'], workflow: ['e2e/strange-events.test.ts', 'events before the answer, twice, late and in reverse: charged once, delivered once'] },
  { id: 'event-stale', system: 'stripe', about: 'an event is signed with an old time', how: { switch: 'webhook-stale-signature' }, adapter: [webhook, '400 for a signature that is %s, kept nowhere'], workflow: [payment, 'an event that is forged or old is refused and leaves no trace'] },
  { id: 'event-forged', system: 'stripe', about: 'an event is signed by somebody else', how: { switch: 'webhook-bad-signature' }, adapter: [webhook, '400 for a signature that is %s, kept nowhere'], workflow: [payment, 'an event that is forged or old is refused and leaves no trace'] },
  { id: 'events-lost', system: 'stripe', about: 'every event is lost', how: { switch: 'webhook-lost' }, adapter: [stripe, 'is made, paid and read'], workflow: [payment, 'every webhook lost: at the deadline Stripe is asked, and the order is delivered'] },
  { id: 'two-sessions', system: 'stripe', about: 'two paid sessions for one invoice', how: { act: 'pay' }, adapter: [stripe, 'is made, paid and read'], workflow: [payment, 'paid on two pages at once: one payment counts, the other goes back, one guest is made'] },
  { id: 'declined', system: 'stripe', about: 'a card is declined', how: { switch: 'card-declined' }, adapter: [stripe, 'a declined card leaves it open'], workflow: [payment, 'declined, then paid with another card: charged once and delivered'] },
  { id: 'ms-unavailable', system: 'vies', about: 'a member state does not answer', how: { switch: 'ms-unavailable' }, adapter: [vies, 'a member state that does not answer'], workflow: [vat, 'VIES down: tax is charged, the number asked about again, and the tax given back'] },
  { id: 'vies-busy', system: 'vies', about: 'too many ask at once', how: { switch: 'vies-busy' }, adapter: [vies, 'too many questions'], workflow: [vat, 'VIES down: tax is charged, the number asked about again, and the tax given back'] },
] as const satisfies readonly Behaviour[]; // biome-ignore format: a table

export type System = Behaviour['system'];
type Row = (typeof BEHAVIOURS)[number];
/** Ids of a system's rows that test/faults/<system>.test.ts plays. */
export type Played<S extends System> = Extract<Row, { system: S; workflow: 'here' }>['id'];
