/** What the registry charges for one year, in cents of USD, and how long it sells at most. */
export interface Tld {
  register: number;
  renew: number;
  transfer: number;
  restore: number;
  maxYears: number;
}

const plain = (cents: number): Tld => ({ register: cents, renew: cents, transfer: cents, restore: 4000, maxYears: 10 });

export const TLDS: Readonly<Record<string, Tld>> = {
  test: plain(500),
  example: plain(600),
  com: plain(1026),
  net: plain(1191),
  org: plain(1011),
  info: plain(1800),
  dev: plain(1200),
  io: plain(3500),
};

const DAY = 86_400_000;

/** How long after it a charge comes back when the domain is deleted (gTLD defaults, RFC 3915). */
export const GRACE_MS = {
  create: 5 * DAY,
  renew: 5 * DAY,
  transfer: 5 * DAY,
  'auto-renew': 45 * DAY,
  restore: 0,
} as const;

/** Redemption, then pendingDelete, before a deleted name is free again. */
export const REDEMPTION_MS = 30 * DAY;
export const PURGE_MS = REDEMPTION_MS + 5 * DAY;

/** A transfer nobody answers is approved by the registry. */
export const TRANSFER_MS = 5 * DAY;

export const MAX_CHECKS = 50;
export const MAX_NAMESERVERS = 13;

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

export function isHostName(name: string): boolean {
  return name.length <= 253 && name.includes('.') && name.split('.').every((label) => LABEL.test(label));
}

/** The zone of ours that the name lies in, at any depth. */
export function tldOf(name: string): Tld | undefined {
  return TLDS[name.slice(name.lastIndexOf('.') + 1)];
}

/** The registrable domain above a host of ours. */
export function superordinate(host: string): string {
  return host.split('.').slice(-2).join('.');
}

/** The same day years later; 29 February becomes the 28th where there is none. */
export function addYears(date: string, years: number): string {
  const then = new Date(date);
  const month = then.getUTCMonth();
  then.setUTCFullYear(then.getUTCFullYear() + years);
  if (then.getUTCMonth() !== month) then.setUTCDate(0);
  return then.toISOString();
}
