import { table } from '../scripts/stage/table.ts';
import type { Outcome } from './campaign.ts';

/** Orders, kills by target, faults by kind, violations. */
export function report({ orders, payments, ends, kills, faults, retries, violations, seconds }: Outcome): string {
  const total = [...orders.values()].reduce((sum, count) => sum + count, 0);
  const struck = [...faults.values()].reduce((sum, count) => sum + count, 0);
  return [
    table([['orders', String(total)], ...rows(orders)]),
    table([['paid', ''], ...rows(payments)]),
    table([['ended', ''], ...rows(new Map(Object.entries(ends)))]),
    table([
      ['kills', '', 'in mid-step'],
      ...Object.entries(kills).map(([target, { kills, midStep }]) => [`  ${target}`, String(kills), String(midStep)]),
    ]),
    table([['faults that struck', String(struck)], ...rows(faults)]),
    table([
      ['retry pressed', String(retries)],
      ['violations', String(violations.length)],
      ['seconds', seconds.toFixed(0)],
    ]),
    ...violations.map(({ invariant, what }) => `VIOLATION ${invariant}: ${what}`),
  ].join('\n\n');
}

const rows = (counts: ReadonlyMap<string, number>) =>
  [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => [`  ${name}`, String(count)]);
