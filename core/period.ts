export const BILLING_CYCLES = ['monthly', 'quarterly', 'yearly'] as const;
export type BillingCycle = (typeof BILLING_CYCLES)[number];

const MONTHS: Record<BillingCycle, number> = { monthly: 1, quarterly: 3, yearly: 12 };

/**
 * End of the `count`-th period of a subscription that began at `anchor`, in UTC. A pure function of anchor and count, so
 * that the 31st stays the 31st after a short month and nothing drifts.
 */
export function periodEnd(anchor: Date, cycle: BillingCycle, count: number): Date {
  return addMonths(anchor, MONTHS[cycle] * count);
}

/** End of the period that begins at `start`, the end of an earlier one of the same anchor. */
export function nextPeriodEnd(anchor: Date, cycle: BillingCycle, start: Date): Date {
  const months = (start.getUTCFullYear() - anchor.getUTCFullYear()) * 12 + start.getUTCMonth() - anchor.getUTCMonth();
  let count = Math.max(0, Math.floor(months / MONTHS[cycle]) - 1);
  while (periodEnd(anchor, cycle, count) <= start) count++;
  return periodEnd(anchor, cycle, count);
}

/** `date` plus whole months, on the same day of the month or the last one there is. */
export function addMonths(date: Date, months: number): Date {
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(date.getUTCDate(), days));
  first.setUTCHours(date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), date.getUTCMilliseconds());
  return first;
}
