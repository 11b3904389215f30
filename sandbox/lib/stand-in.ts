import { Faults } from './faults.ts';
import { RequestLog } from './log.ts';
import type { Store } from './store.ts';

/** What every stand-in is built from: its memory, its fault switches and its request log. */
export interface StandIn {
  readonly name: string;
  readonly store: Store;
  readonly faults: Faults;
  readonly log: RequestLog;
}

export function standIn(name: string, store: Store): StandIn {
  return { name, store, faults: new Faults(store, name), log: new RequestLog(store, name) };
}

/** Where a stand-in listens and how fast the world it plays is. */
export interface Surroundings {
  /** Loopback address. */
  readonly host: string;
  /** The port to listen on for this use: the one it had before a restart where that is still free, else a free one. */
  port(use: string): Promise<number>;
  /** Folder for files such as certificates; exists. */
  readonly dir: string;
  /** Factor on everything that takes time outside; 0 answers at once. */
  readonly speed: number;
  /** Settings by environment variable, SANDBOX_* and those of neighbours started before. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Running {
  /** The settings that point mpanel at this stand-in, by environment variable. */
  readonly env: Record<string, string>;
  /** Addresses for people, by label. */
  readonly urls: Record<string, string>;
  /** Everything it holds, as JSON, for tests and the demo to see leftovers. Secrets are fine: none here is real. */
  state(): unknown | Promise<unknown>;
  /** What happens in the world behind mpanel's back, by verb: POST /<system>/act/<verb> on the control port. */
  readonly acts?: Record<string, (body: Record<string, unknown>) => unknown | Promise<unknown>>;
  close(): Promise<void>;
}

export type Start = (self: StandIn, around: Surroundings) => Promise<Running>;
