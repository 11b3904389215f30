import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { standIn } from '../../../sandbox/lib/stand-in.ts';
import { Store } from '../../../sandbox/lib/store.ts';
import { start } from '../../../sandbox/registrar/index.ts';
import { addYears } from '../../../sandbox/registrar/policy.ts';
import type { Domain, Entry } from '../../../sandbox/registrar/records.ts';
import { framesOf, schemaErrors } from '../../support/epp-schemas.ts';
import { startStandIn } from '../../support/sandbox.ts';
import { type Client, codeOf, command, dial, EXTENSIONS, epp, loggedIn, login, OBJECTS, object } from './client.ts';

let sandbox: Awaited<ReturnType<typeof startStandIn>>;
let client: Client;
let rival: Client;

beforeAll(async () => {
  sandbox = await startStandIn('registrar', start, { rude: true });
  client = await loggedIn(sandbox.env);
  rival = await loggedIn(sandbox.env, 'RIVAL', 'rival-registrar');
  expect(await client.code(CONTACT)).toBe(1000);
});
afterAll(async () => {
  client.close();
  rival.close();
  await sandbox.close();
});

const CONTACT = object(
  'contact',
  'create',
  '<contact:id>ADA-1</contact:id><contact:postalInfo type="int"><contact:name>Ada</contact:name><contact:addr>' +
    '<contact:city>London</contact:city><contact:cc>GB</contact:cc></contact:addr></contact:postalInfo>' +
    '<contact:email>ada@example.com</contact:email><contact:authInfo><contact:pw>secret-1</contact:pw></contact:authInfo>',
);
const DS =
  '<secDNS:dsData><secDNS:keyTag>12345</secDNS:keyTag><secDNS:alg>13</secDNS:alg><secDNS:digestType>2</secDNS:digestType><secDNS:digest>AB12</secDNS:digest></secDNS:dsData>';
const extension = (kind: string, version: string, inner: string) =>
  `<extension>${inner.replace('>', ` xmlns:${kind}="urn:ietf:params:xml:ns:${kind}-${version}">`)}</extension>`;

const create = (name: string, more = '<domain:registrant>ADA-1</domain:registrant>', password = 'secret-1') =>
  object(
    'domain',
    'create',
    `<domain:name>${name}</domain:name>${more}<domain:authInfo><domain:pw>${password}</domain:pw></domain:authInfo>`,
  );
const named = (verb: string, name: string, more = '', attributes = '') =>
  object('domain', verb, `<domain:name>${name}</domain:name>${more}`, attributes);
const act = (verb: string, body: Record<string, unknown>) => sandbox.running.acts![verb]!(body);
const state = () => sandbox.running.state() as { domains: Domain[]; ledger: Entry[] };
const domain = (name: string) => state().domains.find((one) => one.name === name);

describe('a session', () => {
  test('begins with a greeting that names objects and extensions, and again on hello', async () => {
    const caller = await dial(sandbox.env);
    for (const uri of [...OBJECTS.matchAll(/urn:[^<]+/g), ...EXTENSIONS.matchAll(/urn:[^<]+/g)])
      expect(caller.greeting).toContain(uri[0]);
    expect(await caller.send(epp('<hello/>'))).toContain('<svcMenu>');
    caller.close();
  });

  test('does nothing before login and logs in once', async () => {
    const caller = await dial(sandbox.env);
    expect(await caller.code(named('info', 'a.test'))).toBe(2002);
    expect(codeOf(await caller.send(login('MPANEL', 'sandbox-registry')))).toBe(1000);
    expect(codeOf(await caller.send(login('MPANEL', 'sandbox-registry')))).toBe(2002);
    expect(await caller.code('<logout/>')).toBe(1500);
    await expect(caller.send(epp('<hello/>'))).rejects.toThrow('closed');
  });

  test('refuses a wrong password with 2200, the third time with 2501 and the door', async () => {
    const caller = await dial(sandbox.env);
    const attempt = async () => codeOf(await caller.send(login('MPANEL', 'wrong-password')));
    expect([await attempt(), await attempt(), await attempt()]).toEqual([2200, 2200, 2501]);
    await expect(attempt()).rejects.toThrow('closed');
  });

  test('takes a new password', async () => {
    const change = async (from: string, to: string) => {
      const caller = await dial(sandbox.env);
      const code = codeOf(await caller.send(login('RIVAL', from, `<newPW>${to}</newPW>`)));
      caller.close();
      return code;
    };
    expect(await change('rival-registrar', 'another-password')).toBe(1000);
    expect(await change('rival-registrar', 'another-password')).toBe(2200);
    expect(await change('another-password', 'rival-registrar')).toBe(1000);
  });

  test.each([
    ['version', '<version>1.0<', '<version>2.0<', 2100],
    ['language', '<lang>en<', '<lang>de<', 2102],
    ['object', 'domain-1.0', 'domain-9.9', 2307],
    ['extension', 'rgp-1.0', 'fee-1.0', 2103],
  ])('offers no other %s', async (_, have, want, code) => {
    const caller = await dial(sandbox.env);
    expect(codeOf(await caller.send(login('MPANEL', 'sandbox-registry').replace(have, want)))).toBe(code);
    caller.close();
  });

  test('echoes clTRID and has a svTRID of its own', async () => {
    const answers = [
      await client.send(command(named('info', 'a.test'))),
      await client.send(command(named('info', 'a.test'))),
    ];
    for (const answer of answers) expect(answer).toContain('<clTRID>TEST-1</clTRID>');
    expect(new Set(answers.map((answer) => /<svTRID>(.*?)</.exec(answer)![1])).size).toBe(2);
  });
});

describe('statuses', () => {
  const update = (part: string, status: string) =>
    named('update', 'status.test', `<domain:${part}><domain:status s="${status}"/></domain:${part}>`);

  test('a client lock prohibits until it is lifted; server statuses are not the client’s', async () => {
    await client.code(create('status.test'));
    expect(await client.code(update('add', 'clientDeleteProhibited'))).toBe(1000);
    expect(await client.code(named('delete', 'status.test'))).toBe(2304);
    expect(await client.code(update('add', 'clientUpdateProhibited'))).toBe(1000);
    expect(await client.code(update('add', 'clientHold'))).toBe(2304);
    expect(await client.code(update('rem', 'clientUpdateProhibited'))).toBe(1000);
    expect(await client.code(update('add', 'serverHold'))).toBe(2306);
    expect(await client.code(update('rem', 'clientDeleteProhibited'))).toBe(1000);
    expect(await client.send(command(named('info', 'status.test')))).toContain('<domain:status s="inactive">');
    expect(await rival.code(named('delete', 'status.test'))).toBe(2201);
    expect(await client.code(named('delete', 'status.test'))).toBe(1000);
  });
});

describe('associations', () => {
  test('a contact in use, a host in use and a domain with hosts stay', async () => {
    const host = (verb: string, more = '') => object('host', verb, `<host:name>ns.assoc.test</host:name>${more}`);
    await client.code(create('assoc.test'));
    expect(await client.code(host('create', '<host:addr ip="v6">::1</host:addr>'))).toBe(1000);
    const delegation =
      '<domain:ns><domain:hostObj>ns.assoc.test</domain:hostObj></domain:ns><domain:registrant>ADA-1</domain:registrant>';
    expect(await client.code(create('other.test', delegation))).toBe(1000);
    expect(await client.code(object('contact', 'delete', '<contact:id>ADA-1</contact:id>'))).toBe(2305);
    expect(await client.code(host('delete'))).toBe(2305);
    expect(await client.code(named('delete', 'assoc.test'))).toBe(2305);
    expect(await client.send(command(named('info', 'assoc.test')))).toContain(
      '<domain:host>ns.assoc.test</domain:host>',
    );
    await client.code(named('delete', 'other.test'));
    expect(await client.code(host('delete'))).toBe(1000);
    expect(await client.code(named('delete', 'assoc.test'))).toBe(1000);
  });
});

describe('time', () => {
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

  test('a year more keeps the day, and 29 February becomes the 28th', () => {
    expect(addYears('2027-03-01T10:00:00.000Z', 1)).toBe('2028-03-01T10:00:00.000Z');
    expect(addYears('2028-02-29T10:00:00.000Z', 1)).toBe('2029-02-28T10:00:00.000Z');
  });

  test('an expired domain renews itself; deleted in the grace period the money comes back', async () => {
    act('plant-domain', { name: 'auto.test', sponsor: 'MPANEL', createdAt: inDays(-400), expiresAt: inDays(-1) });
    expect(Date.parse(domain('auto.test')!.expiresAt)).toBeGreaterThan(Date.now());
    expect(await client.send(command(named('info', 'auto.test')))).toContain('autoRenewPeriod');
    expect(await client.code(named('delete', 'auto.test'))).toBe(1001);
    const kinds = state()
      .ledger.filter((entry) => entry.name === 'auto.test')
      .map(({ kind }) => kind);
    expect(kinds).toEqual(['auto-renew', 'refund']);
  });

  test('what came back once does not come back again after a restore', async () => {
    act('plant-domain', { name: 'twice.test', sponsor: 'MPANEL', createdAt: inDays(-400), expiresAt: inDays(-1) });
    await client.code(named('delete', 'twice.test'));
    const restore = extension('rgp', '1.0', '<rgp:update><rgp:restore op="request"/></rgp:update>');
    expect(await client.code(named('update', 'twice.test') + restore)).toBe(1000);
    expect(await client.code(named('delete', 'twice.test'))).toBe(1001);
    const kinds = state()
      .ledger.filter((entry) => entry.name === 'twice.test')
      .map(({ kind }) => kind);
    expect(kinds).toEqual(['auto-renew', 'refund', 'restore']);
  });

  test('a deleted domain is restored for a fee, or gone after 35 days', async () => {
    act('plant-domain', { name: 'lazarus.test', sponsor: 'MPANEL', createdAt: inDays(-100), expiresAt: inDays(265) });
    const restore =
      named('update', 'lazarus.test') + extension('rgp', '1.0', '<rgp:update><rgp:restore op="request"/></rgp:update>');
    expect(await client.code(restore)).toBe(2304);
    await client.code(named('delete', 'lazarus.test'));
    expect(await client.send(command(named('info', 'lazarus.test')))).toContain('redemptionPeriod');
    expect(await client.code(restore)).toBe(1000);
    expect(domain('lazarus.test')!.statuses).toEqual([]);
    act('plant-domain', {
      name: 'lazarus.test',
      sponsor: 'MPANEL',
      statuses: ['pendingDelete'],
      deletedAt: inDays(-34),
    });
    expect(await client.send(command(named('info', 'lazarus.test')))).toContain('<rgp:rgpStatus s="pendingDelete">');
    act('plant-domain', {
      name: 'lazarus.test',
      sponsor: 'MPANEL',
      statuses: ['pendingDelete'],
      deletedAt: inDays(-36),
    });
    expect(await client.code(named('info', 'lazarus.test'))).toBe(2303);
  });

  test('a transfer needs the password, waits five days and moves the domain', async () => {
    const ask = (password: string) =>
      named(
        'transfer',
        'move.test',
        `<domain:authInfo><domain:pw>${password}</domain:pw></domain:authInfo>`,
        ' op="request"',
      );
    const query = named('transfer', 'move.test', '', ' op="query"');
    await client.code(create('move.test'));
    expect(await rival.code(query)).toBe(2301);
    expect(await client.code(ask('secret-1'))).toBe(2106);
    expect(await rival.code(ask('wrong'))).toBe(2202);
    expect(await rival.code(ask('secret-1'))).toBe(1001);
    expect(await rival.code(ask('secret-1'))).toBe(2300);
    expect(await client.send(command(query))).toContain('<domain:trStatus>pending</domain:trStatus>');
    const { expiresAt, transfer } = domain('move.test')!;
    act('plant-domain', { ...domain('move.test'), name: 'move.test', transfer: { ...transfer, actsAt: inDays(-1) } });
    expect(domain('move.test')).toMatchObject({ sponsor: 'RIVAL', statuses: [], expiresAt: addYears(expiresAt, 1) });
  });
});

describe('extensions', () => {
  test('DS records are kept, shown and removed', async () => {
    const add = extension('secDNS', '1.1', `<secDNS:create>${DS}</secDNS:create>`);
    const removal = extension('secDNS', '1.1', `<secDNS:update><secDNS:rem>${DS}</secDNS:rem></secDNS:update>`);
    expect(await client.code(create('signed.test') + add)).toBe(1000);
    expect(await client.send(command(named('info', 'signed.test')))).toContain('<secDNS:digest>AB12</secDNS:digest>');
    expect(await client.code(named('update', 'signed.test') + removal)).toBe(1000);
    expect(await client.send(command(named('info', 'signed.test')))).not.toContain('secDNS');
    expect(await client.code(named('update', 'signed.test') + removal)).toBe(2303);
  });

  test('one that was not announced is 2103', async () => {
    const foreign = '<extension><fee:create xmlns:fee="urn:ietf:params:xml:ns:epp:fee-1.0"/></extension>';
    expect(await client.code(create('fee.test') + foreign)).toBe(2103);
  });
});

describe('a restart', () => {
  test('finds domains, money, certificate and what was pending', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mpanel-registry-'));
    const around = { host: '127.0.0.1', port: async () => 0, dir, speed: 1, env: {} };
    async function life(
      live: (
        one: Awaited<ReturnType<typeof start>>,
        registrar: Client,
        self: ReturnType<typeof standIn>,
      ) => Promise<void>,
    ) {
      const store = new Store(join(dir, 'state.sqlite'));
      const self = standIn('registrar', store);
      const running = await start(self, around);
      const registrar = await loggedIn(running.env);
      await live(running, registrar, self);
      registrar.close();
      await running.close();
      store.close();
    }
    let certificate = '';
    await life(async ({ env }, registrar, self) => {
      certificate = readFileSync(env.EPP_CA!, 'utf8');
      await registrar.code(CONTACT);
      self.faults.add({
        match: 'domain:create',
        phase: 'switch',
        action: { kind: 'switch', name: 'pending-create', data: { ms: 300 } },
      });
      expect(await registrar.code(create('phoenix.test'))).toBe(1001);
    });
    await life(async (running, registrar) => {
      expect(readFileSync(running.env.EPP_CA!, 'utf8')).toBe(certificate);
      while ((await registrar.code('<poll op="req"/>')) !== 1301);
      expect(running.state()).toMatchObject({
        domains: [{ name: 'phoenix.test', statuses: [] }],
        ledger: [{ amount: -500 }],
      });
    });
    rmSync(dir, { recursive: true });
  });
});

test('every frame, both ways, obeys the schemas', async () => {
  // Two commands are wrong on purpose: an EPP version and an extension that the schemas do not know.
  const frames = framesOf(sandbox.self.log.list({ limit: 100_000 })).filter(
    (frame) => !/>2\.0<\/version>|fee-1\.0/.test(frame) || frame.includes('<response>'),
  );
  expect(frames.length).toBeGreaterThan(100);
  expect((await schemaErrors(frames)).filter((error) => error !== '')).toEqual([]);
});
