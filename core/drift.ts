/** The outside systems that our rows are compared with. */
export const DRIFT_SYSTEMS = ['proxmox'] as const;
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
} as const satisfies Record<string, { system: DriftSystem; cure: 'repair' | 'show' }>;

export type DriftKind = keyof typeof DRIFT;

/** open: seen by the last look · repaired: mended by us · gone: a later look did not see it any more. */
export const FINDING_STATE = ['open', 'repaired', 'gone'] as const;
