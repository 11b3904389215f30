import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Registrar } from '../../../providers/registrar/port.ts';
import { ADA, failureOf, NAMESERVERS, registry } from './support.ts';

let sandbox: Awaited<ReturnType<typeof registry>>;
let registrar: Registrar;

beforeAll(async () => {
  sandbox = await registry();
  registrar = sandbox.adapter();
  await registrar.ensureContact('ADA-1', ADA);
  await registrar.ensureHosts(NAMESERVERS.map((name) => ({ name, addresses: [] })));
});
afterAll(() => sandbox.close());

const register = (name: string, changes: { years?: number; nameservers?: string[]; authInfo?: string } = {}) =>
  registrar.createDomain({
    name,
    years: 1,
    registrant: 'ADA-1',
    nameservers: NAMESERVERS,
    authInfo: 'let-me-in-1',
    ...changes,
  });

const contactInState = async (id: string) => {
  const { contacts } = sandbox.state() as unknown as { contacts: { id: string }[] };
  return contacts.find((contact) => contact.id === id);
};

const entriesOf = (name: string) => sandbox.state().ledger.filter((entry) => entry.name === name);

describe('check', () => {
  test('tells free names from taken, premium and foreign ones', async () => {
    sandbox.act('plant-domain', { name: 'taken.test' });
    sandbox.act('set-premium', { name: 'gold.com' });
    expect(await registrar.check(['free.test', 'taken.test', 'gold.com', 'elsewhere.invalid'])).toEqual([
      { name: 'free.test', available: true },
      { name: 'taken.test', available: false, reason: 'In use' },
      { name: 'gold.com', available: false, reason: 'Premium name' },
      { name: 'elsewhere.invalid', available: false, reason: 'Not a name of this registry' },
    ]);
  });

  test('asks for many names in batches that registries answer', async () => {
    const names = Array.from({ length: 120 }, (_, at) => `name-${at}.com`);
    const since = sandbox.mark();
    const answers = await registrar.check(names);
    expect(answers.map(({ name }) => name)).toEqual(names);
    expect(sandbox.operations(since)).toEqual(['domain:check', 'domain:check', 'domain:check']);
  });
});

describe('contacts', () => {
  test('an equal contact is left alone, a different one made equal, parts that went away included', async () => {
    const since = sandbox.mark();
    await registrar.ensureContact('ADA-1', ADA);
    expect(sandbox.operations(since)).toEqual(['contact:create', 'contact:info']);
    const { organization: _, phone: __, ...plain } = ADA;
    await registrar.ensureContact('BOB-1', ADA);
    await registrar.ensureContact('BOB-1', { ...plain, name: 'Bob' });
    await registrar.ensureContact('BOB-1', { ...plain, name: 'Bob' });
    expect(sandbox.operations(since).slice(2)).toEqual([
      'contact:create',
      ...['contact:create', 'contact:info', 'contact:update'],
      ...['contact:create', 'contact:info'],
    ]);
    expect(await contactInState('BOB-1')).toMatchObject({
      voice: '',
      postal: [{ type: 'int', name: 'Bob', org: '', street: ['12 St James Square'], cc: 'GB' }],
    });
  });

  test('any text arrives as it was written, non-ASCII as local form, long addresses in three lines', async () => {
    const name = `Åsa <b>&amp; "O'Brien" ]]> 漢字`;
    await registrar.ensureContact('ASA-1', { ...ADA, name, street: ['a', ' b  c ', '', 'd', 'e'], countryCode: 'se' });
    const held = await contactInState('ASA-1');
    expect(held).toMatchObject({ postal: [{ type: 'loc', name, street: ['a', 'b c', 'd, e'], cc: 'SE' }] });
  });

  test('what XML cannot carry is refused and not sent', async () => {
    const since = sandbox.mark();
    expect(await failureOf(registrar.ensureContact('BAD-1', { ...ADA, name: 'a\u0001b' }))).toMatchObject({
      kind: 'refused',
    });
    expect(sandbox.operations(since)).toEqual([]);
  });

  test("another registrar's id is a conflict, and is not ours to delete", async () => {
    await sandbox.rival().ensureContact('THEIRS-1', ADA);
    expect(await failureOf(registrar.ensureContact('THEIRS-1', ADA))).toMatchObject({ kind: 'conflict' });
    await registrar.deleteContact('THEIRS-1');
    expect(await contactInState('THEIRS-1')).toBeDefined();
  });

  test('delete: gone, never there, or linked and left alone', async () => {
    await registrar.ensureContact('GONE-1', ADA);
    await registrar.deleteContact('GONE-1');
    await registrar.deleteContact('GONE-1');
    expect(await contactInState('GONE-1')).toBeUndefined();
    await register('linked.test');
    await registrar.deleteContact('ADA-1');
    expect(await contactInState('ADA-1')).toBeDefined();
  });

  test('a country that is none is refused', async () => {
    const failure = await failureOf(registrar.ensureContact('BAD-2', { ...ADA, countryCode: '??' }));
    expect(failure).toMatchObject({ kind: 'refused', code: '2005' });
  });
});

describe('hosts', () => {
  test('existing ones are left alone', async () => {
    const since = sandbox.mark();
    await registrar.ensureHosts(NAMESERVERS.map((name) => ({ name, addresses: [] })));
    expect(sandbox.operations(since)).toEqual(['host:check']);
  });

  test('glue under a domain of ours follows the wanted addresses', async () => {
    await register('glue.test', { nameservers: [] });
    await registrar.ensureHosts([{ name: 'ns1.glue.test', addresses: ['127.64.0.1', '127.64.0.2'] }]);
    await registrar.ensureHosts([{ name: 'ns1.glue.test', addresses: ['127.64.0.2', '::1'] }]);
    const { hosts } = sandbox.state() as unknown as { hosts: { name: string; addresses: string[] }[] };
    expect(hosts.find((host) => host.name === 'ns1.glue.test')?.addresses).toEqual(['127.64.0.2', '::1']);
    expect(await failureOf(sandbox.rival().ensureHosts([{ name: 'ns1.glue.test', addresses: ['::1'] }]))).toMatchObject(
      { kind: 'conflict' },
    );
  });

  test('glue is needed inside the zones of the registry, under a domain that exists, and nowhere else', async () => {
    const make = (name: string, addresses: string[]) => failureOf(registrar.ensureHosts([{ name, addresses }]));
    await register('bare.test', { nameservers: [] });
    expect(await make('ns1.bare.test', [])).toMatchObject({ kind: 'refused', code: '2003' });
    expect(await make('ns1.nobody.test', ['127.64.0.1'])).toMatchObject({ kind: 'refused', code: '2303' });
    expect(await make('ns9.dns.invalid', ['127.64.0.1'])).toMatchObject({ kind: 'refused', code: '2306' });
  });
});

describe('domains', () => {
  test('create registers, charges once and can be read back', async () => {
    const made = await register('new.com', { years: 2, authInfo: 'a<b>&"c' });
    expect(made.pending).toBe(false);
    const view = await registrar.info('new.com');
    expect(view).toMatchObject({
      name: 'new.com',
      statuses: ['ok'],
      registrant: 'ADA-1',
      nameservers: NAMESERVERS,
      sponsor: registrar.clientId,
      authInfo: 'a<b>&"c',
      expiresAt: made.expiresAt,
    });
    expect(view!.expiresAt.getUTCFullYear() - view!.createdAt.getUTCFullYear()).toBe(2);
    expect(entriesOf('new.com')).toMatchObject([{ kind: 'create', years: 2, amount: -2052 }]);
  });

  test('info: undefined where there is none; the password is for the sponsor alone', async () => {
    expect(await registrar.info('nothing.test')).toBeUndefined();
    await register('mine.test', { nameservers: [] });
    expect(await registrar.info('mine.test')).toMatchObject({
      authInfo: 'let-me-in-1',
      statuses: ['inactive'],
      nameservers: [],
    });
    expect(await sandbox.rival().info('mine.test')).not.toHaveProperty('authInfo');
  });

  test('create tells taken from missing and impossible', async () => {
    await register('twice.test');
    expect(await failureOf(register('twice.test'))).toMatchObject({ kind: 'conflict', code: '2302' });
    expect(await failureOf(register('ns.test', { nameservers: ['ns7.dns.invalid'] }))).toMatchObject({
      kind: 'absent',
      code: '2303',
    });
    expect(await failureOf(register('long.test', { years: 11 }))).toMatchObject({ kind: 'refused', code: '2004' });
    expect(await failureOf(register('-.test'))).toMatchObject({ kind: 'refused', code: '2005' });
    expect(entriesOf('twice.test')).toHaveLength(1);
  });

  test('renew adds the years once: the old date does not renew again', async () => {
    const { expiresAt } = await register('renew.test');
    const renewed = await registrar.renew('renew.test', expiresAt!, 3);
    expect(renewed.expiresAt.getUTCFullYear()).toBe(expiresAt!.getUTCFullYear() + 3);
    expect(await failureOf(registrar.renew('renew.test', expiresAt!, 3))).toMatchObject({
      kind: 'conflict',
      code: '2306',
    });
    expect((await registrar.info('renew.test'))!.expiresAt).toEqual(renewed.expiresAt);
    expect(await failureOf(registrar.renew('renew.test', renewed.expiresAt, 9))).toMatchObject({
      kind: 'conflict',
      code: '2105',
    });
    expect(entriesOf('renew.test').map(({ kind }) => kind)).toEqual(['create', 'renew']);
  });

  test('setNameservers sends the difference, or nothing', async () => {
    await register('move.test');
    await registrar.ensureHosts([{ name: 'ns3.dns.invalid', addresses: [] }]);
    const since = sandbox.mark();
    await registrar.setNameservers('move.test', ['NS2.dns.invalid', 'ns3.dns.invalid']);
    await registrar.setNameservers('move.test', ['ns2.dns.invalid', 'ns3.dns.invalid']);
    expect(sandbox.operations(since)).toEqual(['domain:info', 'domain:update', 'domain:info']);
    expect((await registrar.info('move.test'))!.nameservers).toEqual(['ns2.dns.invalid', 'ns3.dns.invalid']);
    await registrar.setNameservers('move.test', []);
    expect((await registrar.info('move.test'))!.statuses).toEqual(['inactive']);
    expect(await failureOf(registrar.setNameservers('nothing.test', []))).toMatchObject({ kind: 'absent' });
    expect(await failureOf(registrar.setNameservers('move.test', ['ns7.dns.invalid']))).toMatchObject({
      kind: 'absent',
      code: '2303',
    });
  });

  test('delete within the add grace period gives all money back, and may be repeated', async () => {
    const before = sandbox.state().accounts;
    const { expiresAt } = await register('back.test');
    await registrar.renew('back.test', expiresAt!, 1);
    await registrar.deleteDomain('back.test');
    await registrar.deleteDomain('back.test');
    expect(await registrar.info('back.test')).toBeUndefined();
    expect(sandbox.state().accounts).toEqual(before);
  });

  test('delete later leaves the domain in redemption, and may be repeated', async () => {
    sandbox.act('plant-domain', {
      name: 'old.test',
      sponsor: registrar.clientId,
      createdAt: '2026-01-01T00:00:00Z',
      expiresAt: '2027-01-01T00:00:00Z',
    });
    sandbox.act('set-expiry', { name: 'old.test', expiresAt: new Date(Date.now() + 8e9).toISOString() });
    await registrar.deleteDomain('old.test');
    await registrar.deleteDomain('old.test');
    expect((await registrar.info('old.test'))!.statuses).toContain('pendingDelete');
  });

  test("delete leaves another registrar's domain alone, and what is under prohibition", async () => {
    sandbox.act('plant-domain', { name: 'theirs.test' });
    await registrar.deleteDomain('theirs.test');
    expect(await registrar.info('theirs.test')).toBeDefined();
    sandbox.act('plant-domain', {
      name: 'locked.test',
      sponsor: registrar.clientId,
      statuses: ['serverDeleteProhibited'],
    });
    expect(await failureOf(registrar.deleteDomain('locked.test'))).toMatchObject({ kind: 'refused', code: '2304' });
  });
});

describe('messages', () => {
  test('stay until they are acknowledged, which may be repeated', async () => {
    expect(await registrar.poll()).toBeUndefined();
    await register('auto.test');
    sandbox.act('set-expiry', { name: 'auto.test', expiresAt: new Date(Date.now() - 1000).toISOString() });
    await registrar.info('auto.test');
    const message = await registrar.poll();
    expect(message).toMatchObject({ text: 'Domain auto.test was renewed automatically', at: expect.any(Date) });
    expect(await registrar.poll()).toEqual(message);
    await registrar.acknowledge(message!.id);
    await registrar.acknowledge(message!.id);
    expect(await registrar.poll()).toBeUndefined();
  });
});
