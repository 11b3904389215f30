import type { Faults } from '../lib/faults.ts';

/**
 * Whether a `switch` fault strikes this operation, counted down only where its data fits the case at hand: a fault about
 * one guest or node is not used up by a call about another.
 */
export function strikes(
  faults: Faults,
  name: string,
  operation: string,
  fits: (data: unknown) => boolean,
): { data: unknown } | undefined {
  const waiting = faults
    .list()
    .some(({ action }) => action.kind === 'switch' && action.name === name && fits(action.data));
  return waiting ? faults.switched(name, operation) : undefined;
}
