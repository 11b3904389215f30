import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import nodemailer from 'nodemailer';
import pg from 'pg';
import { createMailHost } from '../../../providers/mailhost/client.ts';
import type { MailHost } from '../../../providers/mailhost/port.ts';
import { start } from '../../../sandbox/mail/index.ts';
import { type FreshDatabase, freshDatabase } from '../../support/postgres.ts';
import { startStandIn } from '../../support/sandbox.ts';
import { pop3 } from './pop3.ts';

const DKIM = { selector: 's1', privateKeyPem: 'key' };
const ANNA = 'anna@example.com';
let database: FreshDatabase;
let host: MailHost;
let mail: Awaited<ReturnType<typeof startStandIn>>;
let passwordHash = '';

beforeAll(async () => {
  database = await freshDatabase({ empty: true });
  host = createMailHost({ databaseUrl: database.url });
  await host.migrate();
  mail = await startStandIn('mail', start, { env: { MAIL_DATABASE_URL: database.url } });
  passwordHash = `{ARGON2ID}${await hash('geheim ü', { memoryCost: 1024, timeCost: 1 })}`;
});
afterAll(async () => {
  await mail.close();
  await host.close();
  await database.drop();
});
beforeEach(async () => {
  await host.ensureDomain('example.com', { active: true, dkim: DKIM });
  await host.ensureMailbox(ANNA, { passwordHash, quotaMb: 1, active: true });
});
afterEach(() => host.deleteDomain('example.com'));

async function deliver(to: string, text = 'Hallo') {
  const at = { host: mail.env.MAIL_MX_ADDRESS ?? '', port: Number(mail.env.MAIL_MX_PORT) };
  return nodemailer.createTransport(at).sendMail({ from: 'bert@else.test', to, subject: 'Grüße', text });
}

async function logIn(password = 'geheim ü', user = ANNA) {
  const session = await pop3(mail.env.MAIL_POP3_ADDRESS ?? '');
  await session.say(`USER ${user}`);
  return { ...session, reply: await session.say(`PASS ${password}`) };
}

test('the MX listens on its own address and is told under its name', () => {
  expect(mail.env).toMatchObject({ MAIL_MX_HOST: 'mx.mpanel.test', MAIL_MX_ADDRESS: '127.64.0.25' });
});

test('a mailbox receives, logs in, lists, reads and deletes', async () => {
  await deliver('Anna@Example.com', 'eins\n.\n.punkt');
  await deliver(ANNA, 'kurz');
  const session = await logIn();
  expect(session.reply).toBe('+OK Logged in.');
  expect(await session.say('STAT')).toMatch(/^\+OK 2 \d+$/);
  const [, first = ''] = (await session.say('LIST')).split('\n');
  const mailOne = await session.say('RETR 1');
  expect(mailOne).toMatch(/Return-Path: <bert@else.test>\nDelivered-To: anna@example.com\nReceived: from /);
  expect(mailOne).toContain('eins\n.\n.punkt');
  const [, ...lines] = mailOne.split('\n');
  expect(first).toBe(`1 ${`${lines.join('\r\n')}\r\n`.length}`);
  expect(await session.say('TOP 1 1')).toMatch(/\n\neins$/);
  expect(await session.say('UIDL 2')).toMatch(/^\+OK 2 \d+$/);
  expect(await session.say('DELE 1')).toBe('+OK marked');
  expect(await session.say('RETR 1')).toBe('-ERR no such message');
  await session.say('QUIT');
  const later = await logIn();
  expect(await later.say('STAT')).toMatch(/^\+OK 1 /);
  expect(await later.say('CAPA')).toContain('UIDL');
  later.close();
});

test('what was not there is refused as Postfix does', async () => {
  await expect(deliver('nobody@example.com')).rejects.toMatchObject({
    responseCode: 550,
    response: expect.stringContaining('5.1.1 <nobody@example.com>: Recipient address rejected: User unknown'),
  });
  await expect(deliver('x@foreign.test')).rejects.toMatchObject({
    responseCode: 554,
    response: '554 5.7.1 <x@foreign.test>: Relay access denied',
  });
});

test('an inactive mailbox or domain defers mail and lets nobody in', async () => {
  await host.ensureMailbox(ANNA, { passwordHash, quotaMb: 1, active: false });
  await expect(deliver(ANNA)).rejects.toMatchObject({ responseCode: 450 });
  expect((await logIn()).reply).toBe('-ERR [AUTH] Authentication failed.');
  await host.ensureMailbox(ANNA, { passwordHash, quotaMb: 1, active: true });
  await host.ensureDomain('example.com', { active: false, dkim: DKIM });
  await expect(deliver(ANNA)).rejects.toMatchObject({ responseCode: 450 });
  expect((await logIn()).reply).toBe('-ERR [AUTH] Authentication failed.');
});

test('a wrong password, an unknown user and another hash scheme stay out', async () => {
  expect((await logIn('falsch')).reply).toMatch(/^-ERR \[AUTH\]/);
  expect((await logIn('geheim ü', 'nobody@example.com')).reply).toMatch(/^-ERR \[AUTH\]/);
  await host.ensureMailbox(ANNA, { passwordHash: '{PLAIN}geheim ü', quotaMb: 1, active: true });
  expect((await logIn()).reply).toMatch(/^-ERR \[AUTH\]/);
});

test('a full mailbox answers 452', async () => {
  await deliver(ANNA, 'x'.repeat(600_000));
  await expect(deliver(ANNA, 'x'.repeat(600_000))).rejects.toMatchObject({ responseCode: 452 });
  await deliver(ANNA, 'small');
});

test('an alias leads to its mailbox', async () => {
  const direct = new pg.Client({ connectionString: database.url });
  await direct.connect();
  await direct.query(`insert into virtual_aliases values ('info@example.com', '${ANNA}', 'example.com')`);
  await direct.end();
  await deliver('info@example.com');
  expect(await (await logIn()).say('RETR 1')).toContain(`Delivered-To: ${ANNA}`);
});

test('the next owner of an address finds nothing of the last', async () => {
  await deliver(ANNA);
  await host.deleteMailbox(ANNA);
  await host.ensureMailbox(ANNA, { passwordHash, quotaMb: 1, active: true });
  expect(await (await logIn()).say('STAT')).toBe('+OK 0 0');
});

test('drop-mailbox-contents and state', async () => {
  await deliver(ANNA);
  const { mailboxes } = (await mail.running.state()) as { mailboxes: Record<string, { address: string }[]> };
  expect(Object.values(mailboxes).flat()).toContainEqual(expect.objectContaining({ address: ANNA }));
  expect(await mail.running.acts?.['drop-mailbox-contents']?.({ address: ANNA })).toEqual({ dropped: 1 });
  expect(await (await logIn()).say('STAT')).toBe('+OK 0 0');
});

test('without its database it starts and answers temporary failures', async () => {
  const alone = await startStandIn('mail', start, { env: { MAIL_DATABASE_URL: 'postgres://x@127.0.0.1:1/x' } });
  const at = { host: alone.env.MAIL_MX_ADDRESS ?? '', port: Number(alone.env.MAIL_MX_PORT) };
  const sending = nodemailer.createTransport(at).sendMail({ from: 'a@b.test', to: ANNA, text: 'x' });
  await expect(sending).rejects.toMatchObject({ responseCode: 451 });
  const session = await pop3(alone.env.MAIL_POP3_ADDRESS ?? '');
  await session.say(`USER ${ANNA}`);
  expect(await session.say('PASS x')).toMatch(/^-ERR \[SYS\/TEMP\]/);
  await alone.close();
});

test('faults strike POP3 and the MX', async () => {
  mail.self.faults.add({ match: '^POP3 PASS', phase: 'before', action: { kind: 'drop' } });
  await expect(logIn()).rejects.toThrow('connection closed');
  mail.self.faults.add({ match: '^MX RCPT', phase: 'before', action: { kind: 'status', status: 421 } });
  await expect(deliver(ANNA)).rejects.toMatchObject({ responseCode: 421 });
  expect(JSON.stringify(mail.self.log.list())).not.toContain('geheim');
});
