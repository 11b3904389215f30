import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { actingAs } from '../../db/acting.ts';
import { AUDITED_TABLES, type Audited } from '../../db/audited-tables.ts';
import { openAsOwner, openDatabase } from '../../db/config.ts';
import { AuditDraft, AuditEvent, Customer, Node, Tenant, User } from '../../db/entities/index.ts';
import { audit } from '../../db/queries/audit.ts';
import { chains, verifyChain } from '../../db/queries/audit-chain.ts';
import { set } from '../../db/queries/entity.ts';
import { sql } from '../../db/queries/rows.ts';
import { TABLE_ACCESS } from '../../db/table-access.ts';
import { asPlatform, asTenant } from '../../db/tenant-scope.ts';
import { newId } from '../../runtime/ids.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let owner: MikroORM;
/** As any process of ours. */
let orm: MikroORM;
/** Two tenants of each test's own. */
let [A, B] = ['', ''];

beforeAll(async () => {
  database = await freshDatabase();
  owner = await openAsOwner({ url: database.url, pool: 2 });
  orm = await openDatabase({ url: database.url, pool: 8 });
});
afterAll(async () => {
  await Promise.all([orm.close(true), owner.close(true)]);
  await database.drop();
});
beforeEach(async () => {
  [A, B] = [newId(), newId()];
  for (const id of [A, B]) await owner.em.fork().insert(Tenant, { id, name: 'T' });
});

const log = (tenantId: string | null) => owner.em.fork().find(AuditEvent, { tenantId }, { orderBy: { seq: 'asc' } });
const customer = (tenantId: string, name = 'C') => {
  const id = newId();
  return { id, tenantId, name, email: `${id}@example.com` };
};

describe('the catalogue', () => {
  test('says of every table how it is audited, or why it is not', () => {
    expect(Object.keys(AUDITED_TABLES).sort()).toEqual(Object.keys(TABLE_ACCESS).sort());
  });

  test('tells the tenant of every row that has one', async () => {
    const having = await sql<{ table: string }>(
      owner.em.fork(),
      `select table_name as table from information_schema.columns where table_schema = 'public' and column_name = 'tenant_id'`,
    );
    const names = new Set(having.map(({ table }) => table));
    for (const [table, how] of Object.entries(AUDITED_TABLES))
      if (typeof how !== 'string' && names.has(table)) expect([table, how.tenant]).toEqual([table, 'tenant_id']);
  });

  test('keeps what sounds like a secret to itself', async () => {
    const columns = await sql<{ table: string; column: string; type: string }>(
      owner.em.fork(),
      `select table_name as table, column_name as column, data_type as type from information_schema.columns where table_schema = 'public'`,
    );
    const telling = (table: string, column: string) => {
      const how = AUDITED_TABLES[table];
      return typeof how === 'object' && ![...how.secret, ...how.ignored].includes(column);
    };
    const found = columns.filter(
      ({ table, column, type }) =>
        telling(table, column) && (type === 'bytea' || /passw|secret|token|hash|seal|private|url/i.test(column)),
    );
    // Ids of sealed rows, an address of our own and the return addresses of a payment page.
    expect(found.map(({ table, column }) => `${table}.${column}`).sort()).toEqual([
      'acme_account.directory_url',
      'acme_account.key_secret_id',
      'acme_account.url',
      'certificate.key_secret_id',
      'checkout_session.cancel_url',
      'checkout_session.success_url',
      'domain.auth_info_secret_id',
      'email_domain.dkim_secret_id',
      'instance.password_secret_id',
      'mailbox.password_secret_id',
      'oidc_connection.secret_id',
    ]);
  });

  test('names columns that there are', async () => {
    const columns = await sql<{ name: string }>(
      owner.em.fork(),
      `select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'public'`,
    );
    const there = columns.map(({ name }) => name);
    const named = Object.entries(AUDITED_TABLES).flatMap(([table, how]) => {
      const { tenant, id, secret, ignored } = how as Audited;
      return typeof how === 'string' ? [] : [tenant ?? id, id, ...secret, ...ignored].map((name) => `${table}.${name}`);
    });
    expect(there).toEqual(expect.arrayContaining(named));
  });
});

describe('what changed', () => {
  test('is told of each row, with who did it, and never the secret', async () => {
    const user = newId();
    const who = { type: 'user' as const, id: user, address: "2001:db8::1'", requestId: 'say "\\u0041"' };
    await actingAs(who, () =>
      asTenant(A, async () => {
        const em = orm.em.fork();
        const row = { ...customer(A), roles: ['staff'], passwordHash: '$argon2id$one' };
        await em.transactional((tx) => tx.insert(User, { ...row, id: user }));
        await em.transactional((tx) => set(tx, User, { id: user }, { passwordHash: '$argon2id$two', name: 'D' }));
        await em.transactional((tx) => set(tx, User, { id: user }, { name: 'D' }));
        await em.transactional((tx) => tx.nativeDelete(User, { id: user }));
      }),
    );
    const [, ...events] = await log(A);
    expect(events).toMatchObject([
      { action: 'user.created', before: null, after: { name: 'C', password_hash: '[secret]' } },
      {
        ...{ action: 'user.updated', resourceType: 'user', resourceId: user },
        before: { name: 'C', password_hash: '[secret]' },
        after: { name: 'D', password_hash: '[changed]' },
      },
      { action: 'user.deleted', before: { name: 'D', password_hash: '[secret]' }, after: null },
    ]);
    for (const event of events)
      expect(event).toMatchObject({
        ...{ actorType: 'user', actorId: user, address: who.address, requestId: who.requestId },
      });
    expect(Object.keys(events[1]?.after ?? {}).sort()).toEqual(['name', 'password_hash']);
    expect(JSON.stringify(events)).not.toContain('argon2id');
  });

  test('is told in the name of whom it was done, where a connection changes hands and without a transaction too', async () => {
    const one = await openDatabase({ url: database.url, pool: 1 });
    const em = one.em.fork();
    const row = customer(A);
    const rename = (name: string) => set(em, Customer, { id: row.id }, { name });
    const as = (requestId: string, work: () => Promise<unknown>) =>
      asTenant(A, () => actingAs({ type: 'system', requestId }, work));
    await as('1', () => em.transactional((tx) => tx.insert(Customer, row)));
    await asTenant(A, () => rename('nobody’s'));
    await as('2', () => rename('second'));
    await as('3', () => em.transactional((tx) => set(tx, Customer, { id: row.id }, { name: 'third' })));
    await as('4', () => rename('fourth'));
    await asTenant(A, () => em.transactional((tx) => set(tx, Customer, { id: row.id }, { name: 'nobody’s again' })));
    await one.close(true);
    const [, ...events] = await log(A);
    expect(events.map((event) => [event.after?.name, event.requestId])).toEqual([
      ['C', '1'],
      ['nobody’s', null],
      ['second', '2'],
      ['third', '3'],
      ['fourth', '4'],
      ['nobody’s again', null],
    ]);
  });

  test('is one event with the name that the code gives it, however often the row is written', async () => {
    const row = customer(A, 'one');
    let id = '';
    await asTenant(A, () =>
      orm.em.fork().transactional(async (tx) => {
        await tx.insert(Customer, row);
        await set(tx, Customer, { id: row.id }, { name: 'two' });
        await set(tx, Customer, { id: row.id }, { name: 'three' });
        id = audit(tx, { tenantId: A, action: 'customer.welcomed', resourceType: 'customer', resourceId: row.id });
      }),
    );
    const [, ...events] = await log(A);
    expect(events).toMatchObject([{ id, action: 'customer.welcomed', before: null, after: { name: 'three' } }]);
    expect(events[0]).toMatchObject({ actorType: 'system', actorId: null, requestId: null });
  });

  test('is nothing where the row is in the end what it was, or is not there again', async () => {
    const [kept, gone] = [customer(A), customer(A)];
    await asTenant(A, () => orm.em.fork().insert(Customer, kept));
    const before = await log(A);
    await asTenant(A, () =>
      orm.em.fork().transactional(async (tx) => {
        await set(tx, Customer, { id: kept.id }, { name: 'other' });
        await set(tx, Customer, { id: kept.id }, { name: kept.name });
        await tx.insert(Customer, gone);
        await tx.nativeDelete(Customer, { id: gone.id });
      }),
    );
    expect(await log(A)).toEqual(before);
    expect(await owner.em.fork().count(AuditDraft, {})).toBe(0);
  });

  test('of a heartbeat is not worth an event; of the platform’s own rows it is in a chain of their own', async () => {
    const id = newId();
    await asPlatform('test', async () => {
      const em = orm.em.fork();
      await em.insert(Node, { id, name: id, role: 'dns', ip: '127.0.0.1' });
      await set(em, Node, { id }, { lastHeartbeatAt: new Date(), cpuUsage: 0.5 });
      await set(em, Node, { id }, { status: 'online' });
    });
    expect((await log(null)).filter((event) => event.resourceId === id)).toMatchObject([
      { action: 'node.created' },
      { action: 'node.updated', before: { status: 'offline' }, after: { status: 'online' } },
    ]);
  });
});

describe('a chain', () => {
  test('has no gap after what was rolled back', async () => {
    const failing = asTenant(A, () =>
      orm.em.fork().transactional(async (tx) => {
        await tx.insert(Customer, customer(A));
        throw new Error('rolled back');
      }),
    );
    await expect(failing).rejects.toThrow('rolled back');
    await asTenant(A, () => orm.em.fork().insert(Customer, customer(A)));
    expect((await log(A)).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('is whole after many at once, and after transactions of two tenants in either order', async () => {
    const both = (first: string, second: string) =>
      asPlatform('test', () =>
        orm.em.fork().transactional(async (tx) => {
          for (const tenantId of [first, second]) await tx.insert(Customer, customer(tenantId));
        }),
      );
    await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 ? both(A, B) : both(B, A))));
    const em = owner.em.fork();
    for (const chain of [A, B]) expect(await verifyChain(em, chain)).toMatchObject({ seq: 41 });
    for (const chain of await chains(em)) expect(await verifyChain(em, chain)).not.toHaveProperty('problem');
  });

  test('cannot be written to by a process', async () => {
    const rewriting = ['update audit_event set metadata = metadata', 'delete from audit_head', 'truncate audit_event'];
    for (const text of rewriting)
      await expect(asPlatform('test', () => sql(orm.em.fork(), text))).rejects.toMatchObject({ code: '42501' });
  });
});

describe('among 30,000 events of a tenant', () => {
  const tenantId = newId();
  const actorId = newId();

  beforeAll(async () => {
    await sql(
      owner.em.fork(),
      `insert into audit_event (id, tenant_id, seq, actor_type, actor_id, action, resource_type, resource_id, created_at, prev_hash, hash)
       select gen_random_uuid(), ?, n, 'user', case when n % 1000 = 0 then ? else gen_random_uuid() end::uuid,
         case when n % 1000 = 1 then 'rare.made' else 'thing.made' || n % 9 end, case when n % 1000 = 2 then 'rare' else 'thing' end,
         case when n % 1000 = 3 then 'rare' else n::text end, now() - n * interval '1 minute', '', '' from generate_series(1, 30000) n`,
      [tenantId, actorId],
    );
    await sql(owner.em.fork(), 'analyze audit_event');
  });

  test.each([
    ['actor', `actor_id = '${actorId}'`, 'audit_event_tenant_id_actor_id_created_at_id_index'],
    ['type', `action >= 'rare.' and action < 'rare.~'`, 'audit_event_tenant_id_action_index'],
    ['kind of resource', `resource_type = 'rare'`, 'audit_event_tenant_id_resource_type_created_at_id_index'],
    ['resource', `resource_id = 'rare'`, 'audit_event_tenant_id_resource_id_created_at_id_index'],
    ['time', `created_at <= now() - interval '20 days'`, 'audit_event_tenant_id_created_at_id_index'],
  ])('an index answers a search by %s, under the policies too', async (_, condition, index) => {
    const plan = await asTenant(tenantId, () =>
      sql<Record<string, string>>(
        orm.em.fork(),
        `explain select * from audit_event where tenant_id = ? and ${condition} order by created_at desc, id desc limit 20`,
        [tenantId],
      ),
    );
    const text = plan.map((line) => Object.values(line)[0]).join('\n');
    expect(text).toMatch(new RegExp(`${index}[^]*Index Cond.*${condition.split(' ')[0]}`));
  });
});
