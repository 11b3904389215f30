import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openDatabase } from '../../db/config.ts';
import { takeFrom } from '../../db/queries/rate-limits.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openDatabase({ url: database.url, pool: 2 });
});
afterAll(async () => {
  await orm.close(true);
  await database.drop();
});

const used = async (...calls: string[][]) =>
  (await takeFrom(orm.em.fork(), calls)).map((taken) => Object.fromEntries(taken.map((it) => [it.key, it.used])));

test('calls that are counted at once are told what they would be told one after the other', async () => {
  expect(await used(['address'])).toEqual([{ address: 1 }]);
  expect(await used(['address', 'a'], ['address', 'a'], ['address', 'b'])).toEqual([
    { address: 2, a: 1 },
    { address: 3, a: 2 },
    { address: 4, b: 1 },
  ]);
});
