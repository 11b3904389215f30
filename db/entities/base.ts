import { p } from '@mikro-orm/postgresql';

/** UUIDv7 made by the application (runtime/ids.ts), so that a row's id is known before it is written. */
export const id = () => p.uuid().primary();
export const createdAt = () => p.datetime(3).defaultRaw('now()');
export const updatedAt = () =>
  p
    .datetime(3)
    .defaultRaw('now()')
    .onUpdate(() => new Date());
/** Amount in the minor units of the row's currency. */
export const minor = () => p.bigint('number');
