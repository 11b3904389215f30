import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { withClient } from '../../scripts/launch/database.ts';
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts';
import { freshNamespace } from '../support/temporal.ts';
import { until } from '../support/until.ts';

describe('the shared PostgreSQL', () => {
  let one: FreshDatabase;
  let other: FreshDatabase;
  beforeAll(async () => {
    [one, other] = await Promise.all([freshDatabase(), freshDatabase()]);
  }, 60_000);
  afterAll(async () => {
    await one.drop();
    await other.drop();
  });

  test('gives each test a migrated database of its own', async () => {
    await withClient(one.url, (client) => client.query('CREATE TABLE only_here (id int)'));
    const tables = await withClient(other.url, (client) => client.query('SELECT tablename FROM pg_tables'));
    const names = tables.rows.map((row: { tablename: string }) => row.tablename);
    expect(names).toContain('invoice');
    expect(names).not.toContain('only_here');
  });
});

test('the shared Temporal gives each test a namespace that knows our search attributes', async () => {
  const { address, namespace } = await freshNamespace();
  const connection = await Connection.connect({ address });
  const { workflow } = new Client({ connection, namespace });
  const start = (id: string, tenant: string) =>
    workflow.start('nothing', { workflowId: id, taskQueue: 'nobody', searchAttributes: { TenantId: [tenant] } });
  await Promise.all([start('a', 't1'), start('b', 't2')]);
  const listed = await until('the run is listed', async () => {
    const found = [];
    for await (const run of workflow.list({ query: "TenantId = 't1'" })) found.push(run.workflowId);
    return found.length ? found : undefined;
  });
  expect(listed).toEqual(['a']);
  await connection.close();
}, 60_000);
