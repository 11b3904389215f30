import type { FaultAction, NewFault } from '../sandbox/lib/faults.ts';
import type { System } from '../scripts/stage/outside.ts';

/** Something that goes wrong once at a stand-in and is over: whoever meets it must get what was ordered. */
export interface Fault {
  name: string;
  system: System;
  fault: NewFault;
}

const drop = { kind: 'drop' } as const;
const delay = (ms: number) => ({ kind: 'delay', ms }) as const;
const status = (code: number, body: unknown = {}) => ({ kind: 'status', status: code, body }) as const;

function at(system: System, name: string, match: string, phase: 'before' | 'after', action: FaultAction): Fault {
  return { system, name, fault: { match, phase, action } };
}

function played(system: System, name: string, match: string, data?: unknown): Fault {
  return { system, name, fault: { match, phase: 'switch', action: { kind: 'switch', name, data } } };
}

const CLONE = '^POST .*/(clone|lxc)$';
const START = '^POST .*/status/start$';
const WRITE = '^(POST|PUT|DELETE) /nodes/';

/** All that a campaign injects; sandbox/<system>/index.ts says what each switch plays. */
export const FAULTS: readonly Fault[] = [
  at('proxmox', 'clone lost before', CLONE, 'before', drop),
  at('proxmox', 'clone answer lost', CLONE, 'after', drop),
  at('proxmox', 'config answer lost', '^(POST|PUT) .*/config$', 'after', drop),
  at('proxmox', 'start answer lost', START, 'after', drop),
  at('proxmox', 'start 500', START, 'before', status(500, { data: null, message: 'got timeout' })),
  at('proxmox', 'write 503', WRITE, 'before', status(503)),
  at('proxmox', 'write slow', WRITE, 'after', delay(900)),
  at('proxmox', 'read lost', '^GET /', 'before', drop),
  at('proxmox', 'file-write lost', '/agent/file-write$', 'after', drop),
  at('proxmox', 'resize answer lost', '/resize$', 'after', drop),
  at('proxmox', 'backup answer lost', '/vzdump$', 'after', drop),
  played('proxmox', 'upid-vanishes', CLONE),
  played('proxmox', 'task-unexpected-status', CLONE),
  played('proxmox', 'task-ok-not-done', START),
  played('proxmox', 'flock-timeout', WRITE),
  played('proxmox', 'quorum-lost', WRITE),
  played('proxmox', 'node-down', WRITE),
  played('proxmox', 'proxy-timeout-596', WRITE),
  at('powerdns', 'patch lost before', '^PATCH ', 'before', drop),
  at('powerdns', 'patch answer lost', '^PATCH ', 'after', drop),
  at('powerdns', 'zone answer lost', '^POST .*/zones$', 'after', drop),
  at('powerdns', 'patch 503', '^PATCH ', 'before', status(503)),
  played('powerdns', 'applied-then-500', '^PATCH '),
  played('powerdns', 'servfail', ''),
  played('registrar', 'cut-after-commit', 'domain:create'),
  played('registrar', 'cut-after-commit', 'contact:create'),
  played('registrar', 'session-2500', 'domain:'),
  played('registrar', 'login-limit-2502', 'login'),
  played('registrar', 'pending-create', 'domain:create', { ms: 800, twice: true }),
  played('registrar', 'slow', 'domain:create', { ms: 900 }),
  at('acme', 'new-order answer lost', '^POST /new-order', 'after', drop),
  at('acme', 'finalize answer lost', '^POST /finalize', 'after', drop),
  at('acme', 'challenge answer lost', '^POST /challenge', 'after', drop),
  at('acme', 'read lost', '^POST /', 'before', drop),
  played('acme', 'bad-nonce', '^POST ', { percent: 100 }),
  played('acme', 'rate-limited', '^POST ', { seconds: 2 }),
  played('acme', 'edge-503', '', { seconds: 1 }),
  played('acme', 'slow-processing', '^POST /finalize', { polls: 3 }),
  played('acme', 'order-expired-between-steps', '^POST /(order|finalize)'),
  played('stripe', 'webhook-twice', 'checkout.session.completed'),
  played('stripe', 'webhook-late', 'checkout.session.completed', 1500),
  played('stripe', 'webhook-reversed', ''),
  played('stripe', 'webhook-before-answer', ''),
  played('stripe', 'webhook-stale-signature', ''),
  played('stripe', 'webhook-bad-signature', ''),
  at('stripe', 'read lost', '^GET /v1/', 'before', drop),
  at('stripe', 'session answer lost', '^POST /v1/checkout/sessions$', 'after', drop),
  at('stripe', 'refund answer lost', '^POST /v1/refunds', 'after', drop),
  at('stripe', 'refund 429', '^POST /v1/refunds', 'before', status(429, { error: { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many requests' } })),
  played('mail', 'greylist', 'SINK RCPT'),
  at('mail', 'sink 451', 'SINK RCPT', 'before', status(451, 'try again later')),
  at('mail', 'sink lost', 'SINK DATA', 'before', drop),
]; // biome-ignore format: a table
