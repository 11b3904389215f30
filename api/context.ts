import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Permission } from '../core/permissions.ts';
import type { Scope } from '../db/queries/rows.ts';
import type { Config } from '../runtime/config.ts';
import type { Engine } from '../runtime/engine.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Seal } from '../runtime/seal.ts';
import type { Live } from './realtime/live.ts';

/** What the web process works with. It has no hands: everything outside the database goes through the engine. */
export interface Deps {
  orm: MikroORM;
  config: Config;
  engine: Engine;
  seal: Seal;
  logger: Logger;
  live: Live;
}

export interface Caller {
  userId: string;
  /** Of the sign-in behind the request; null where an API key is. */
  sessionId: string | null;
  /** Of the API key behind the request; null where a sign-in is. */
  keyId: string | null;
  /** The tenant acted in: the caller's own, or the one a platform administrator named. */
  tenantId: string;
  /** Set for a customer's login: nothing but this customer's rows is there. */
  customerId: string | null;
  roles: string[];
  permissions: string[];
}

/** One request, before anybody is known. */
export interface Anonymous extends Omit<Deps, 'orm'> {
  em: EntityManager;
  requestId: string;
  /** Of the client, as far as TRUST_PROXY lets us know it. */
  address: string;
  /** Outbox rows this request wrote: sent once they are committed. */
  parcels: string[];
}

/** One request of somebody signed in. */
export interface Context extends Anonymous {
  caller: Caller;
  scope: Scope;
  /** What the route needs; a row that may be read but not acted on is 403. */
  permission: Permission;
}
