import type { Outside } from '../scripts/stage/outside.ts';
import type { PlannedFault } from './schedule.ts';

/** Switches faults on at the stand-ins, and counts those that struck. */
export class Saboteur {
  readonly #outside: Outside;
  readonly #set: { id: string; planned: PlannedFault }[] = [];
  readonly #struck = new Map<string, number>();

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  async set(planned: PlannedFault): Promise<void> {
    const { system, fault } = planned.fault;
    const { id } = await this.#outside.fault(system, { ...fault, skip: planned.skip });
    this.#set.push({ id, planned });
  }

  /** Switches off what has not struck yet. */
  async mend(): Promise<void> {
    const set = this.#set.splice(0);
    for (const [system, mine] of Map.groupBy(set, ({ planned }) => planned.fault.system)) {
      const left = new Set((await this.#outside.faults(system)).map((fault) => (fault as { id: string }).id));
      await this.#outside.mend(system);
      for (const { id, planned } of mine) {
        if (left.has(id)) continue;
        const name = `${system}: ${planned.fault.name}`;
        this.#struck.set(name, (this.#struck.get(name) ?? 0) + 1);
      }
    }
  }

  /** How often each kind struck. */
  get struck(): ReadonlyMap<string, number> {
    return this.#struck;
  }
}
