import { afterAll, beforeAll, expect, test } from '@jest/globals';
import nodemailer from 'nodemailer';
import { start } from '../../../sandbox/mail/index.ts';
import { Messages } from '../../../sandbox/mail/sink/messages.ts';
import { startStandIn } from '../../support/sandbox.ts';

let sandbox: Awaited<ReturnType<typeof startStandIn>>;
let web = '';
beforeAll(async () => {
  sandbox = await startStandIn('mail', start);
  web = sandbox.running.urls['mail sink'] ?? '';
  const transport = nodemailer.createTransport(sandbox.env.SMTP_URL);
  const from = 'shop@mpanel.test';
  await transport.sendMail({ from, to: 'anna@example.com', subject: 'Grüße <b>', text: 'Ein Euro: 1 €, <script>' });
  await transport.sendMail({ from, to: 'bert@example.com', subject: 'Zweite', text: 'zwei', html: '<p>"zwei"</p>' });
});
afterAll(() => sandbox.close());

const get = async (path: string) => (await fetch(`${web}${path}`)).json();
const list = async (query: string) => (await get(`/messages${query}`)) as { text: string }[];
const page = async (path: string) => (await fetch(`${web}${path}`)).text();

test('lists mails as JSON, by recipient and from a number on', async () => {
  const all = await list('');
  expect(all).toMatchObject([
    { id: 1, to: ['anna@example.com'], subject: 'Grüße <b>', from: 'shop@mpanel.test' },
    { id: 2, to: ['bert@example.com'] },
  ]);
  expect(all[0]?.text.trimEnd()).toBe('Ein Euro: 1 €, <script>');
  expect(await list('?to=Bert@example.com')).toMatchObject([{ id: 2 }]);
  expect(await list('?since=1')).toMatchObject([{ id: 2 }]);
  expect(await list('?to=nobody@example.com')).toEqual([]);
});

test('shows one mail whole', async () => {
  const mail = (await get('/messages/2')) as { headers: string[] };
  expect(mail).toMatchObject({ html: '<p>"zwei"</p>', subject: 'Zweite' });
  expect(mail.headers.join('\n')).toContain('Subject: Zweite');
  expect((await fetch(`${web}/messages/99`)).status).toBe(404);
});

test('has a page to read, with nothing of a mail taken as markup', async () => {
  expect(await page('/')).toContain('<a href="/mail/1">Grüße &#60;b&#62;</a>');
  const mail = await page('/mail/1');
  expect(mail).toContain('<pre>Ein Euro: 1 €, &#60;script&#62;');
  expect(mail).not.toContain('<script>');
  expect(await page('/mail/2')).toContain('<iframe sandbox title="HTML part" srcdoc="&#60;p&#62;&#34;zwei');
});

test('mails are there again after a restart and numbers go on', async () => {
  const again = new Messages(sandbox.self.store);
  expect(again.list().map(({ id }) => id)).toEqual([1, 2]);
  const next = await again.keep({ from: '', to: ['x@example.com'], raw: Buffer.from('Subject: x\r\n\r\nx') });
  expect(next.id).toBe(3);
});
