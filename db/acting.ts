import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActorType } from '../core/states.ts';

/** Who changes rows, as the audit log tells it. */
export interface Actor {
  type: ActorType;
  /** Of a user or a key. */
  id?: string;
  /** Where the request came from. */
  address?: string;
  /** Of the request, the job or the command. */
  requestId?: string;
}

const actors = new AsyncLocalStorage<Actor>();

/** Who acts now; undefined is the platform itself. */
export function actor(): Actor | undefined {
  return actors.getStore();
}

/** Runs something in somebody's name: each transaction that begins in it tells the database so. */
export function actingAs<T>(who: Actor, work: () => T | PromiseLike<T>): Promise<T> {
  return actors.run(who, async () => await work());
}
