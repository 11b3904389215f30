import { serveHttp } from '../lib/http.ts';
import type { StandIn, Start, Surroundings } from '../lib/stand-in.ts';
import { Directory } from './host/directory.ts';
import { Maildirs } from './host/maildirs.ts';
import { servePop3 } from './host/pop3.ts';
import { mxRules } from './host/rules.ts';
import { Messages } from './sink/messages.ts';
import { sinkRules } from './sink/rules.ts';
import { sinkWeb } from './sink/web.ts';
import { type Rules, serveSmtp } from './smtp.ts';

const MX_HOST = 'mx.mpanel.test';
/** The A record of the MX; anywhere in 127/8 can be bound on Linux, elsewhere the host of the others serves. */
const MX_ADDRESS = '127.64.0.25';

/**
 * Two mail servers: a relay for our notifications that keeps every mail ("sink"), and a mail host as Postfix and
 * Dovecot make it on the mail database (MAIL_DATABASE_URL): an MX that delivers, a POP3 server where mailboxes log in.
 *
 * Operations: "SINK RCPT a@b", "SINK DATA a@b", "MX RCPT a@b", "MX DATA a@b", "POP3 VERB", "GET /…" of the sink's page.
 * A `status` fault on SMTP is that reply code, its body the text. Switch faults:
 * | name               | operation | what happens                                                         |
 * | greylist           | SINK RCPT | 451 for the first try of each sender and recipient                   |
 * | reject-5xx         | SINK RCPT | 550, the account's quota is exceeded                                 |
 * | accept-then-bounce | SINK DATA | 250, then a bounce to the sender, kept as a mail of its own          |
 * | drop-after-data    | SINK DATA | the mail is kept, the connection drops before the reply              |
 * | mail-lost          | MX DATA   | 250, and no mailbox ever gets it                                     |
 */
export const start: Start = async (self, around) => {
  const { host } = around;
  const messages = new Messages(self.store);
  const relay = { label: 'SINK', name: 'relay.mpanel.test', host, port: await around.port('smtp') };
  const sink = await serveSmtp(self, relay, sinkRules(self, messages));
  const web = await serveHttp(self, { host, port: await around.port('web') }, sinkWeb(messages));

  const directory = new Directory(around.env.MAIL_DATABASE_URL);
  const maildirs = new Maildirs(self.store);
  const mx = await serveMx(self, around, mxRules(self, directory, maildirs));
  const pop3 = await servePop3(self, { host, port: await around.port('pop3') }, directory, maildirs);

  return {
    env: {
      SMTP_URL: `smtp://${sink.address}`,
      MAIL_MX_HOST: MX_HOST,
      MAIL_MX_ADDRESS: mx.host,
      MAIL_MX_PORT: String(mx.port),
      MAIL_POP3_ADDRESS: pop3.address,
    },
    urls: {
      'mail sink': web.url,
      'mail host, incoming (SMTP)': `smtp://${mx.address}`,
      'mailboxes (POP3)': `pop3://${pop3.address}`,
    },
    state: async () => ({
      ...{ messages: messages.list(), directory: await directory.list() },
      mailboxes: Object.groupBy(maildirs.all(), ({ maildir }) => maildir),
    }),
    acts: {
      'clear-sink': () => messages.clear(),
      /** {address}: its mails are gone, as after a restore of an old backup. */
      'drop-mailbox-contents': async ({ address }) => {
        const mails = maildirs.list((await directory.mailbox(String(address)))?.maildir ?? '');
        for (const { uid } of mails) maildirs.remove(uid);
        return { dropped: mails.length };
      },
    },
    close: async () => {
      await Promise.all([sink.close(), web.close(), mx.close(), pop3.close()]);
      await directory.close();
    },
  };
};

async function serveMx(self: StandIn, around: Surroundings, rules: Rules) {
  const port = await around.port('mx');
  const listen = (host: string, at: number) =>
    serveSmtp(self, { label: 'MX', name: MX_HOST, host, port: at }, rules).then((server) => ({ ...server, host }));
  try {
    return await listen(MX_ADDRESS, port);
  } catch (error) {
    // The port was free on the host's address; another sandbox may hold it on this one.
    if ((error as { code?: string }).code === 'EADDRINUSE') return listen(MX_ADDRESS, 0);
    return listen(around.host, port);
  }
}
