import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { passwordMatches } from '../../api/usecases/passwords/hash.ts';
import { AuditEvent, DnsRecord, DnsZone, Job, Outbox, RefreshToken, TldPrice, User } from '../../db/entities/index.ts';
import { createJob } from '../../db/queries/jobs.ts';
import { addRefreshToken } from '../../db/queries/refresh-tokens.ts';
import { newId } from '../../runtime/ids.ts';
import { type OpenDesk, openDesk } from './support.ts';

let desk: OpenDesk;
beforeAll(async () => {
  const env = { PLATFORM_DOMAIN: 'hoster.example', MAIL_MX_HOST: 'mx.hoster.example', MAIL_MX_ADDRESS: '203.0.113.25' };
  desk = await openDesk(env);
});
afterAll(() => desk.close());

describe('zone add', () => {
  test('writes the zone, its hosts, the mail host and the job that brings it to the name server', async () => {
    const { code } = await desk.say('zone add hoster.example --a ns1=203.0.113.2 --a ns2=2001:db8::2');
    expect(code).toBe(0);
    const zone = await desk.em().findOneOrFail(DnsZone, { name: 'hoster.example' });
    const records = await desk.em().find(DnsRecord, { zoneId: zone.id }, { orderBy: { name: 'asc' } });
    expect(records).toMatchObject([
      { name: 'mx', type: 'A', content: '203.0.113.25', managedBy: 'platform' },
      { name: 'ns1', type: 'A', content: '203.0.113.2', managedBy: 'platform' },
      { name: 'ns2', type: 'AAAA', content: '2001:db8::2', managedBy: 'platform' },
    ]);
    const job = await desk.em().findOneOrFail(Job, { type: 'dns_apply', targetId: zone.id });
    expect(await desk.em().count(Outbox, { workflowId: job.workflowId, kind: 'start', state: 'pending' })).toBe(1);
    expect(await desk.em().count(AuditEvent, { resourceId: zone.id })).toBe(1);
  });

  test('takes a reverse zone', async () => {
    expect((await desk.say('zone add 113.0.203.in-addr.arpa')).code).toBe(0);
  });

  test.each([
    ['hoster.example', 1, 'is served here already'],
    ['localhost', 64, 'not a zone'],
    ['203.0.113.0', 64, 'not a zone'],
    ['a.example --a ns1', 64, '--a must be like'],
    ['a.example --a ns1=300.1.1.1', 64, ''],
    ['a.example --tenant nobody', 1, 'There is no tenant nobody'],
  ])('%s ends with %i: %s', async (line, code, why) => {
    expect(await desk.say(`zone add ${line}`)).toEqual({ code, text: expect.stringContaining(why) });
    expect(await desk.em().count(DnsZone, { name: 'a.example' })).toBe(0);
  });
});

describe('tld', () => {
  const PRICES = '--register 9.99 --renew 10.99 --transfer 8.99';

  test('set writes minor units, and changes them', async () => {
    await desk.say(`tld set com ${PRICES} --currency USD`);
    await desk.say('tld set .COM --register 12 --renew 10.99 --transfer 8.99 --currency USD --max-years 5');
    const prices = await desk.em().find(TldPrice, {});
    expect(prices).toMatchObject([
      { tld: 'com', register: 1200, renew: 1099, transfer: 899, currency: 'USD', maxYears: 5 },
    ]);
    expect(await desk.rows('tld list')).toMatchObject([{ tld: 'com', register: 12, renew: 10.99 }]);
  });

  test.each([
    [`com ${PRICES} --currency dollars`, 'ISO 4217'],
    [`com ${PRICES} --currency JPY`, '9.99 is not an amount of JPY'],
    ['com --register -1 --renew 1 --transfer 1 --currency USD', ''],
    ['com --register 9,99 --renew 1 --transfer 1 --currency USD', '--register must be an amount'],
    [`.. ${PRICES} --currency USD`, 'not a top-level domain'],
    [`com ${PRICES} --currency USD --max-years 11`, '--max-years must be'],
    ['com --register 9.99', '--renew is missing'],
  ])('set %s is not understood: %s', async (line, why) => {
    expect(await desk.say(`tld set ${line}`)).toEqual({ code: 64, text: expect.stringContaining(why) });
  });
});

describe('reset-password', () => {
  beforeAll(async () => {
    const user = { id: newId(), tenantId: desk.tenantId, name: 'Admin', email: 'admin@mpanel.test', roles: ['admin'] };
    await desk.em().insert(User, user);
    await addRefreshToken(desk.em(), { userId: user.id, expiresAt: new Date(Date.now() + 60_000) });
  });
  const hash = async () => (await desk.em().findOneOrFail(User, { email: 'admin@mpanel.test' })).passwordHash;

  test('makes a password that opens the login, and ends its sessions', async () => {
    const [login] = await desk.rows<{ password: string }[]>('reset-password Admin@mpanel.test');
    expect(await passwordMatches(await hash(), String(login?.password))).toBe(true);
    expect(await desk.em().count(RefreshToken, { revokedAt: null })).toBe(0);
    expect(await desk.em().count(AuditEvent, { action: 'user.password_reset' })).toBe(1);
  });

  test('takes the password that is given', async () => {
    await desk.say('reset-password admin@mpanel.test --password "a long enough one"');
    expect(await passwordMatches(await hash(), 'a long enough one')).toBe(true);
  });

  test.each([
    ['nobody@mpanel.test', 1, 'There is no login nobody@mpanel.test'],
    ['admin@mpanel.test --password short', 64, 'at least 10 characters'],
    ['', 64, 'EMAIL is missing'],
  ])('%s ends with %i: %s', async (line, code, why) => {
    expect(await desk.say(`reset-password ${line}`)).toEqual({ code, text: expect.stringContaining(why) });
  });
});

test('show tells what there is to sell from and what is blocked', async () => {
  await desk.say('nodes add pve1 --ip 10.0.0.11 --cores 4 --memory 8G --disk 100G');
  await desk.say('pool addresses add 203.0.113.0/29 --gateway 203.0.113.1');
  await desk.say('pool vmids add 20000-20009');
  const em = desk.em();
  const job = createJob(em, { type: 'cloudpod_provision', tenantId: desk.tenantId, targetId: newId() });
  await em.flush();
  await em.nativeUpdate(Job, { id: job.id }, { status: 'blocked', step: 'start', reason: 'the node is locked' });
  const { text } = await desk.say('show');
  for (const shown of ['pve1', '0/4 (0 %)', '203.0.113.0/29', '20000', job.id, 'the node is locked', 'HEARTBEAT'])
    expect(text).toContain(shown);
});

test('show of an empty platform says that there is nothing', async () => {
  const empty = await openDesk();
  const { code, text } = await empty.say('show');
  await empty.close();
  expect(code).toBe(0);
  expect(text).toContain('Nodes\n  none');
});
