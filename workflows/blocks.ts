import { condition } from '@temporalio/workflow';
import type { Decision } from './catalog.ts';
import type { StandsStill } from './contract.ts';
import { patience, type StepFailure } from './saga.ts';

/** What a run that goes on in a new one tells it of what stood still. */
export interface CarriedBlocks {
  waits: [step: string, times: number][];
  early: [step: string, decision: Decision][];
  seen: string[];
}

interface Block extends StandsStill {
  failure: StepFailure;
  decision: Decision | undefined;
}

/** What stands still in a run: any number of steps at once, each waiting and decided about on its own. */
export class Blocks {
  readonly #scale: number;
  readonly #standing = new Set<Block>();
  readonly #waits: Map<string, number>;
  readonly #early: Map<string, Decision>;
  readonly #seen: Set<string>;
  #nudged = false;

  constructor(scale: number, carried?: CarriedBlocks) {
    this.#scale = scale;
    this.#waits = new Map(carried?.waits);
    this.#early = new Map(carried?.early);
    this.#seen = new Set(carried?.seen);
  }

  carried(): CarriedBlocks {
    return { waits: [...this.#waits], early: [...this.#early], seen: [...this.#seen] };
  }

  list(): StandsStill[] {
    return [...this.#standing].map(({ step, reason, decisions }) => ({ step, reason, decisions }));
  }

  /** Whether something stands still about which nothing is decided yet. */
  get idle(): boolean {
    const all = [...this.#standing];
    return all.length > 0 && all.every((block) => !this.#over(block));
  }

  /** Who is told that there is room while it asks for some must not wait for being told again. */
  asks(): void {
    this.#nudged = false;
  }

  nudge(): void {
    this.#nudged = true;
  }

  /** The step was done: what comes after it waits anew. */
  done(step: string): void {
    this.#waits.delete(step);
    this.#early.delete(step);
  }

  /**
   * Waits for a decision, or for `failure.ms`, twice as long each time in a row. It stands before it is shown, so that
   * what is decided by somebody who has just seen it counts.
   */
  async wait(
    step: string,
    failure: StepFailure,
    decisions: readonly Decision['kind'][],
    show: () => Promise<void>,
  ): Promise<Decision | undefined> {
    const early = this.#early.get(step);
    this.#early.delete(step);
    if (early) return early;
    const block: Block = { step, reason: failure.reason, decisions, failure, decision: undefined };
    const ms = this.#patience(step, failure);
    this.#standing.add(block);
    await show();
    const over = () => this.#over(block);
    if (ms === undefined) await condition(over);
    else await condition(over, ms);
    if (over()) this.#waits.delete(step);
    this.#standing.delete(block);
    await show();
    return block.decision;
  }

  #over({ decision, failure }: Block): boolean {
    return decision !== undefined || (failure.kind === 'wait' && this.#nudged);
  }

  #patience(step: string, failure: StepFailure): number | undefined {
    const times = this.#waits.get(step) ?? 0;
    this.#waits.set(step, times + 1);
    return patience(failure, times, this.#scale);
  }

  /**
   * One that comes twice counts once. One about a step that is just being tried again is kept for when it stands still
   * the next time; a retry is under way then already.
   */
  decide(decision: Decision): void {
    if (this.#seen.has(decision.eventId)) return;
    this.#seen.add(decision.eventId);
    const { step, kind } = decision;
    const meant = [...this.#standing].filter((block) => step === undefined || block.step === step);
    for (const block of meant) block.decision = decision;
    if (!meant.length && step !== undefined && kind !== 'retry') this.#early.set(step, decision);
  }
}
