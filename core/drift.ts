/** The outside systems that our rows are compared with. */
export const DRIFT_SYSTEMS = ['proxmox', 'powerdns', 'registrar', 'acme', 'stripe', 'temporal'] as const;
export type DriftSystem = (typeof DRIFT_SYSTEMS)[number];

/**
 * Every kind of difference there is. `repair`: the activities of the usual jobs make it go away, and may be run any
 * number of times. `show`: data, money or somebody else's property is at stake, so that a person decides.
 * docs/reconciler.md has the reason for each.
 */
export const DRIFT = {
  guest_missing: { system: 'proxmox', cure: 'show' },
  guest_foreign: { system: 'proxmox', cure: 'show' },
  guest_orphan: { system: 'proxmox', cure: 'show' },
  guest_resized: { system: 'proxmox', cure: 'show' },
  guest_stopped: { system: 'proxmox', cure: 'repair' },
  guest_running: { system: 'proxmox', cure: 'repair' },
  guest_moved: { system: 'proxmox', cure: 'repair' },
  zone_missing: { system: 'powerdns', cure: 'repair' },
  zone_left: { system: 'powerdns', cure: 'show' },
  record_missing: { system: 'powerdns', cure: 'repair' },
  record_changed: { system: 'powerdns', cure: 'repair' },
  record_foreign: { system: 'powerdns', cure: 'repair' },
  domain_gone: { system: 'registrar', cure: 'show' },
  domain_transferred: { system: 'registrar', cure: 'show' },
  domain_nameservers: { system: 'registrar', cure: 'show' },
  domain_held: { system: 'registrar', cure: 'show' },
  domain_expiry: { system: 'registrar', cure: 'repair' },
  certificate_revoked: { system: 'acme', cure: 'show' },
  certificate_overdue: { system: 'acme', cure: 'repair' },
  charge_unbooked: { system: 'stripe', cure: 'repair' },
  charge_unknown: { system: 'stripe', cure: 'show' },
  charge_disputed: { system: 'stripe', cure: 'show' },
  payment_amount: { system: 'stripe', cure: 'show' },
  payment_missing: { system: 'stripe', cure: 'show' },
  refund_failed: { system: 'stripe', cure: 'repair' },
  refund_foreign: { system: 'stripe', cure: 'show' },
  run_missing: { system: 'temporal', cure: 'repair' },
  run_ended: { system: 'temporal', cure: 'show' },
  run_orphan: { system: 'temporal', cure: 'show' },
  start_stale: { system: 'temporal', cure: 'repair' },
} as const satisfies Record<string, { system: DriftSystem; cure: 'repair' | 'show' }>;

export type DriftKind = keyof typeof DRIFT;

/** open: seen by the last look · repaired: not so any more since we mended it · gone: not so any more without us. */
export const FINDING_STATE = ['open', 'repaired', 'gone'] as const;
