import type { DriftKind, DriftSystem } from '../../core/drift.ts';
import type { FoundDifference } from '../../db/queries/findings.ts';
import type { StepRef } from '../../workflows/contract.ts';

/** What seems to differ. What is seen while things change may be wrong: it has to hold when it is looked at by itself. */
export interface Suspect {
  kind: DriftKind;
  subject: string;
  resourceId?: string | null | undefined;
}

/** A difference that held. While something is being done to one of `touching`, it is none yet. */
export interface Held extends FoundDifference {
  touching: string[];
}

/** How our rows and one outside system are compared. Each call throws where the system does not answer: then nothing is known. */
export interface Comparer {
  system: DriftSystem;
  /** In few calls, over all that there is; `compared` counts what was looked at. */
  suspects(progress: { compared: number }): AsyncIterable<Suspect>;
  /** Looks at one of them again, outside first and then in the rows as they are now. */
  again(suspect: Suspect): Promise<Held | undefined>;
  /** What mends it, by kind; run any number of times it leads to the same. */
  repairs: Partial<Record<DriftKind, (ref: StepRef, held: Held) => Promise<unknown>>>;
}
