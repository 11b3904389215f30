import { setTimeout as sleep } from 'node:timers/promises';
import type { Violation } from './invariants/index.ts';

/** Longer than a sweep takes. */
const BETWEEN_MS = 30_000;

/**
 * What the second of two looks shows of the invariants that the first one found broken too. Sweeps begin by themselves, and
 * a job that begins or ends while lists are read one after the other looks like a violation; a true one does not go away,
 * though its figures may change.
 */
export async function verdict<E>(
  look: () => Promise<E>,
  judge: (evidence: E) => Violation[],
  betweenMs = BETWEEN_MS,
): Promise<{ evidence: E; violations: Violation[] }> {
  const evidence = await look();
  const broken = new Set(judge(evidence).map(({ invariant }) => invariant));
  if (broken.size === 0) return { evidence, violations: [] };
  await sleep(betweenMs);
  const again = await look();
  return { evidence: again, violations: judge(again).filter(({ invariant }) => broken.has(invariant)) };
}
