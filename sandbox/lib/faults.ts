import type { Collection, Store } from './store.ts';

/** What happens when a fault strikes. `switch` names a behaviour that only the stand-in itself can play. */
export type FaultAction =
  | { kind: 'status'; status: number; body?: unknown; headers?: Record<string, string> }
  | { kind: 'delay'; ms: number }
  | { kind: 'drop' }
  | { kind: 'switch'; name: string; data?: unknown };

/** `before`: the effect does not happen. `after`: it has happened and the answer is what suffers. */
export type Phase = 'before' | 'after' | 'switch';

export interface Fault {
  id: string;
  /** Regular expression over the operation's name, for HTTP "METHOD /path". */
  match: string;
  phase: Phase;
  action: FaultAction;
  /** How many matching operations pass unharmed first. */
  skip: number;
  /** How many times it still strikes; null is for ever. */
  times: number | null;
}

export type NewFault = Omit<Fault, 'id' | 'skip' | 'times'> & { skip?: number; times?: number | null };

/** The fault switches of one stand-in: set over HTTP while it runs, kept with its state. */
export class Faults {
  readonly #rows: Collection<Fault>;

  constructor(store: Store, system: string) {
    this.#rows = store.collection<Fault>(`${system}.faults`);
  }

  add(fault: NewFault): Fault {
    new RegExp(fault.match);
    const id = crypto.randomUUID();
    return this.#rows.set(id, {
      ...fault,
      id,
      skip: fault.skip ?? 0,
      times: fault.times === undefined ? 1 : fault.times,
    });
  }

  list(): Fault[] {
    return this.#rows.values();
  }

  remove(id: string): boolean {
    return this.#rows.delete(id);
  }

  clear(): void {
    this.#rows.clear();
  }

  /** The first fault that strikes this operation in this phase, counted down. */
  take(operation: string, phase: Phase): FaultAction | undefined {
    for (const fault of this.#rows.values()) {
      if (fault.phase !== phase || !new RegExp(fault.match).test(operation)) continue;
      if (fault.skip > 0) {
        this.#rows.set(fault.id, { ...fault, skip: fault.skip - 1 });
        continue;
      }
      this.#countDown(fault);
      return fault.action;
    }
    return undefined;
  }

  /** Whether the named behaviour is switched on for this operation. `data` comes back as it was given. */
  switched(name: string, operation: string): { data: unknown } | undefined {
    const wanted = this.#rows.values().some((f) => f.action.kind === 'switch' && f.action.name === name);
    if (!wanted) return undefined;
    const fault = this.#rows
      .values()
      .find((f) => f.action.kind === 'switch' && f.action.name === name && new RegExp(f.match).test(operation));
    if (fault?.action.kind !== 'switch') return undefined;
    if (fault.skip > 0) {
      this.#rows.set(fault.id, { ...fault, skip: fault.skip - 1 });
      return undefined;
    }
    this.#countDown(fault);
    return { data: fault.action.data };
  }

  #countDown(fault: Fault): void {
    if (fault.times === null) return;
    if (fault.times <= 1) this.#rows.delete(fault.id);
    else this.#rows.set(fault.id, { ...fault, times: fault.times - 1 });
  }
}
