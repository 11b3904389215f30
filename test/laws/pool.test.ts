import { expect, test } from '@jest/globals';
import { openDatabase } from '../../db/config.ts';
import { asPlatform } from '../../db/tenant-scope.ts';
import { standIn } from '../../sandbox/lib/stand-in.ts';
import { Store } from '../../sandbox/lib/store.ts';
import { freshDatabase } from '../support/postgres.ts';
import { openGate } from './support/gate.ts';

test('the pool of connections outlives every transaction that is cut off', async () => {
  const database = await freshDatabase();
  const door = standIn('database', new Store(':memory:'));
  const gate = await openGate(door, database.url);
  const orm = await openDatabase({ url: gate.url, pool: 2 });
  try {
    const insert = () =>
      asPlatform('test', () =>
        orm.em.fork().transactional((tx) => tx.execute(`insert into provider_probe values ('x', true, '', now())`)),
      );
    for (const phase of ['before', 'after'] as const) {
      door.faults.add({ match: '^commit', phase, action: { kind: 'drop' }, times: 3 });
      for (let i = 0; i < 3; i++) await expect(insert()).rejects.toThrow();
    }
    const rows = await orm.em.fork().execute('select name from provider_probe');
    expect(rows).toEqual([{ name: 'x' }]);
  } finally {
    await orm.close(true);
    await gate.close();
    await database.drop();
  }
});
