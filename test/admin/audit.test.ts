import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AuditEvent, Customer } from '../../db/entities/index.ts';
import { sql } from '../../db/queries/rows.ts';
import { newId } from '../../runtime/ids.ts';
import { type OpenDesk, openDesk } from './support.ts';

let desk: OpenDesk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

interface End {
  chain: string;
  events: number;
  hash: string;
}

async function seven(): Promise<void> {
  for (let n = 0; n < 6; n++)
    await desk.em().insert(Customer, { id: newId(), tenantId: desk.tenantId, name: `${n}`, email: `${n}@example.com` });
}

describe('audit verify', () => {
  let end: End;
  /** The log as it was, to put back what a test took away. */
  let kept: string;
  beforeAll(async () => {
    await seven();
    [end] = await desk.rows<[End]>('audit verify --tenant mpanel');
    const [row] = await sql<{ all: string }>(desk.em(), 'select json_agg(audit_event)::text as all from audit_event');
    kept = row?.all ?? '';
  });
  beforeEach(async () => {
    await sql(desk.em(), 'delete from audit_event');
    await sql(desk.em(), 'insert into audit_event select * from json_populate_recordset(null::audit_event, ?)', [kept]);
    await sql(desk.em(), 'delete from audit_head where chain = ?', [desk.tenantId]);
    await sql(desk.em(), 'insert into audit_head values (?, ?, ?)', [desk.tenantId, end.events, end.hash]);
  });

  test('prints the end of each chain', async () => {
    expect(end).toEqual({
      chain: desk.tenantId,
      log: 'intact',
      events: 7,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await desk.rows('audit verify')).toEqual([end]);
    const { code } = await desk.say(`audit verify --tenant mpanel --anchor 7:${end.hash}`);
    expect(code).toBe(0);
  });

  const swap = `update audit_event set seq = case seq when 3 then 1004 else 1003 end where seq in (3, 4)`;
  test.each<[string, string[], string]>([
    ['an event changed', [`update audit_event set action = 'nothing.happened' where seq = 3`], 'Event 3 of * was changed'],
    ['what an event tells taken out', ['update audit_event set after = null where seq = 2'], 'Event 2 of * was changed'],
    ['the time of an event moved', [`update audit_event set created_at = created_at + interval '1 ms' where seq = 5`], 'Event 5 of * was changed'],
    ['an event put on somebody else', ['update audit_event set actor_id = gen_random_uuid() where seq = 1'], 'Event 1 of * was changed'],
    ['an event deleted in the middle', ['delete from audit_event where seq = 4'], 'Event 4 of * is missing'],
    ['the first event deleted', ['delete from audit_event where seq = 1'], 'Event 1 of * is missing'],
    ['the last ones deleted', ['delete from audit_event where seq > 5'], 'Event 6 of * is missing: there were 7'],
    ['all deleted', ['delete from audit_event'], 'Event 1 of * is missing: there were 7'],
    ['two swapped', [swap, 'update audit_event set seq = seq - 1000 where seq > 1000'], 'Event 3 of * was changed'],
    ['the head moved back', ['update audit_head set seq = 6'], 'Event 6 of * is not the one that the head of the chain names'],
    ['the head gone', ['delete from audit_head'], 'Event 1 of * was added behind the head'],
    ['a gap closed', ['delete from audit_event where seq = 4', 'update audit_event set seq = seq - 1 where seq > 4'], 'Event 4 of * was changed'],
  ])('%s is found', async (_, tampering, found) => {
    for (const text of tampering) await sql(desk.em(), text);
    const { code, text } = await desk.say('audit verify');
    expect([code, text.replace(desk.tenantId, '*')]).toEqual([1, expect.stringContaining(found)]);
  }); // biome-ignore format: a table

  test('the last ones deleted with a head to match is found by an anchor', async () => {
    await sql(desk.em(), 'delete from audit_event where seq > 5');
    const last = await desk.em().findOneOrFail(AuditEvent, { seq: 5 });
    await sql(desk.em(), 'update audit_head set seq = 5, hash = ?', [last.hash]);
    expect((await desk.say('audit verify --tenant mpanel')).code).toBe(0);
    const { code, text } = await desk.say(`audit verify --tenant mpanel --anchor 7:${end.hash}`);
    expect([code, text]).toEqual([1, expect.stringContaining('is missing: there were 7')]);
    const forged = await desk.say(`audit verify --tenant mpanel --anchor 5:${end.hash}`);
    expect([forged.code, forged.text]).toEqual([1, expect.stringContaining('is not the one of the anchor')]);
  });

  test('an anchor that is none, or of no chain, is a misuse', async () => {
    expect((await desk.say('audit verify --tenant mpanel --anchor 7')).code).toBe(64);
    expect((await desk.say(`audit verify --anchor 7:${end.hash}`)).code).toBe(64);
  });
});

describe('what operators do at the machine', () => {
  test.each([
    ['tld set net --register 1 --renew 1 --transfer 1 --currency USD', 'tld_price.created', 'net'],
    ['nodes add pve7 --ip 10.0.0.7 --cores 4 --memory 8G --disk 100G', 'node.created', undefined],
    ['nodes set pve7 --cores 8', 'node.updated', undefined],
    ['templates add debian-12 --node pve7 --vmid 9000', 'image.created', undefined],
    ['templates disable debian-12', 'image.updated', undefined],
    ['pool vmids add 20000-20009', 'pool.vmids_added', '20000-20009'],
    ['pool addresses add 203.0.113.0/29 --gateway 203.0.113.1', 'pool.addresses_added', '203.0.113.0/29'],
    ['zone add a.example', 'dns_zone.created', undefined],
  ])('%s is told with their login and a number of the command', async (line, action, resourceId) => {
    expect(await desk.say(line)).toMatchObject({ code: 0 });
    const [event] = await desk.em().find(AuditEvent, { action }, { orderBy: { createdAt: 'desc' } });
    expect(event).toMatchObject({
      actorType: 'operator',
      address: expect.stringContaining('@'),
      ...(resourceId && { resourceId }),
    });
    expect(event?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
});
