import type { Child } from './child.ts';

/** One part of a running platform. */
export interface Part {
  /** What it tells the other parts, by environment variable. */
  env: Record<string, string>;
  /** Its addresses, as run.json shows them. */
  addresses: Record<string, unknown>;
  /** Its process; none where somebody else runs it. */
  child?: Child;
}
