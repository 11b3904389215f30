import { audit } from './audit.ts';
import { certificates } from './certificates.ts';
import type { Evidence, Invariant } from './evidence.ts';
import { fates } from './fates.ts';
import { guests } from './guests.ts';
import { mailboxes } from './mailboxes.ts';
import { mails } from './mails.ts';
import { money } from './money.ts';
import { records } from './records.ts';
import { registrations } from './registrations.ts';
import { runs } from './runs.ts';
import { webhooks } from './webhooks.ts';
import { zones } from './zones.ts';

/** All that must hold whenever nothing is under way, by name. */
export const INVARIANTS = {
  fates, money, webhooks, guests, zones, registrations, certificates, mailboxes, mails, runs, records, audit,
} satisfies Record<string, Invariant>; // biome-ignore format: a list
export type InvariantName = keyof typeof INVARIANTS;

export interface Violation {
  invariant: InvariantName;
  what: string;
}

export function judge(evidence: Evidence): Violation[] {
  return (Object.keys(INVARIANTS) as InvariantName[]).flatMap((invariant) =>
    INVARIANTS[invariant](evidence).map((what) => ({ invariant, what })),
  );
}
