import type { Child } from './child.ts';

/** One part of a running platform. */
export interface Part {
  /** What it tells the other parts, by environment variable. */
  env: Record<string, string>;
  /** Its addresses, as run.json shows them. */
  addresses: Record<string, unknown>;
  /** What it said for people while it started. */
  notices?: string[];
  /** Its process; none where somebody else runs it. */
  child?: Child;
}
