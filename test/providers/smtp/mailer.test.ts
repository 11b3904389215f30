import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createMailer } from '../../../providers/smtp/client.ts';
import { start } from '../../../sandbox/mail/index.ts';
import { startStandIn } from '../../support/sandbox.ts';

const FROM = 'mpanel <noreply@mpanel.test>';
const MAIL = { id: 'order:42/welcome', to: 'anna@example.com', subject: 'Grüße', text: 'Ihr Server läuft. €\n.\nEnde' };

let sandbox: Awaited<ReturnType<typeof startStandIn>>;
beforeAll(async () => {
  sandbox = await startStandIn('mail', start);
});
afterAll(() => sandbox.close());
afterEach(() => {
  sandbox.self.faults.clear();
  sandbox.running.acts?.['clear-sink']?.({});
});

const mailer = () => createMailer({ url: sandbox.env.SMTP_URL ?? '', from: FROM });
const kept = async () => ((await sandbox.running.state()) as { messages: Record<string, unknown>[] }).messages;
const play = (name: string, times: number | null = 1) =>
  sandbox.self.faults.add({ match: '^SINK', phase: 'switch', times, action: { kind: 'switch', name } });

test('a mail arrives whole, with a Message-ID made of its id', async () => {
  await mailer().send(MAIL);
  const [mail] = await kept();
  expect(mail).toMatchObject({
    from: 'noreply@mpanel.test',
    to: ['anna@example.com'],
    subject: 'Grüße',
    messageId: '<order=3a42=2fwelcome@mpanel.test>',
  });
  expect(String(mail?.text).trimEnd()).toBe(MAIL.text);
  expect(mail?.headers).toContain('Auto-Submitted: auto-generated');
});

test('a ping reaches the relay and sends nothing', async () => {
  const before = sandbox.self.log.list({ match: 'DATA' }).length;
  await mailer().ping();
  expect(sandbox.self.log.list({ match: 'DATA' })).toHaveLength(before);
  await expect(createMailer({ url: 'smtp://127.0.0.1:1', from: FROM }).ping()).rejects.toMatchObject({
    kind: 'unavailable',
  });
});

test('greylisted is busy; the second try goes through', async () => {
  play('greylist', null);
  await expect(mailer().send(MAIL)).rejects.toMatchObject({ kind: 'busy', code: '451', provider: 'smtp' });
  await mailer().send(MAIL);
  expect(await kept()).toHaveLength(1);
});

test('a 5xx is refused', async () => {
  play('reject-5xx');
  await expect(mailer().send(MAIL)).rejects.toMatchObject({ kind: 'refused', code: '550' });
  expect(await kept()).toEqual([]);
});

test('a 4xx after the text is busy', async () => {
  sandbox.self.faults.add({ match: '^SINK DATA', phase: 'before', action: { kind: 'status', status: 452 } });
  await expect(mailer().send(MAIL)).rejects.toMatchObject({ kind: 'busy', code: '452' });
});

test('a connection dropped after DATA is unknown, and the mail may be there', async () => {
  play('drop-after-data');
  await expect(mailer().send(MAIL)).rejects.toMatchObject({ kind: 'unknown' });
  await mailer().send(MAIL);
  const ids = (await kept()).map(({ messageId }) => messageId);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

test('a connection dropped before DATA is unavailable: nothing happened', async () => {
  sandbox.self.faults.add({ match: '^SINK RCPT', phase: 'before', action: { kind: 'drop' } });
  await expect(mailer().send(MAIL)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await kept()).toEqual([]);
});

test('250 and then a bounce: the bounce comes back to the sender', async () => {
  play('accept-then-bounce');
  await mailer().send(MAIL);
  const [sent, bounce] = await kept();
  expect(sent).toMatchObject({ bounced: true });
  expect(bounce).toMatchObject({
    from: '',
    to: ['noreply@mpanel.test'],
    subject: 'Undelivered Mail Returned to Sender',
  });
  expect(bounce?.text).toContain('anna@example.com: User unknown');
});

test('no relay there is unavailable, and so is a silent one', async () => {
  const silent = await listen(() => undefined);
  const config = { url: `smtp://127.0.0.1:${silent.port}`, from: FROM, timeoutMs: 100 };
  await expect(createMailer(config).send(MAIL)).rejects.toMatchObject({ kind: 'unavailable', code: 'ETIMEDOUT' });
  await silent.close();
  await expect(createMailer(config).send(MAIL)).rejects.toMatchObject({ kind: 'unavailable', code: 'ECONNREFUSED' });
});

test.each([
  ['554 no mail from you', 'denied'],
  ['421 too busy', 'busy'],
])('a relay that greets with "%s" is %s', async (greeting, kind) => {
  const relay = await listen((socket) => socket.end(`${greeting}\r\n`));
  const config = { url: `smtp://127.0.0.1:${relay.port}`, from: FROM };
  await expect(createMailer(config).send(MAIL)).rejects.toMatchObject({ kind });
  await relay.close();
});

test('closing ends a mail under way', async () => {
  const silent = await listen(() => undefined);
  const mailer = createMailer({ url: `smtp://127.0.0.1:${silent.port}`, from: FROM });
  const sending = mailer.send(MAIL);
  const refused = expect(sending).rejects.toMatchObject({ kind: 'unavailable' });
  await once(silent.server, 'connection');
  mailer.close();
  await refused;
  await silent.close();
});

async function listen(greet: (socket: Socket) => void) {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket.on('error', () => socket.destroy()));
    greet(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  };
  return { port, server, close };
}
