import { z } from 'zod';
import type { Decision } from '../workflows/catalog.ts';
import { DECISIONS } from '../workflows/contract.ts';

const shape = z.object({
  eventId: z.string(),
  kind: z.enum(DECISIONS),
  reason: z.string(),
  step: z.string().exactOptional(),
});

/** What was said, where it is a decision: anybody who may signal may send anything. */
export function decisionOf(said: unknown): Decision | null {
  return shape.safeParse(said).data ?? null;
}
