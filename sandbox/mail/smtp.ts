import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { FaultAction, Phase } from '../lib/faults.ts';
import type { StandIn } from '../lib/stand-in.ts';

/** An SMTP reply other than 250, for a recipient or a mail. */
export class Refusal extends Error {
  readonly responseCode: number;
  constructor(code: number, text: string) {
    super(text);
    this.responseCode = code;
  }
}

/** Ends the connection without a reply. */
export class Hangup extends Error {}

export interface Mail {
  from: string;
  to: string[];
  raw: Buffer;
  /** For a Received header: who brought it. */
  client: string;
}

export interface Rules {
  /** Throws a Refusal or Hangup for a recipient it does not take. */
  recipient(address: string, from: string): Promise<void> | void;
  /** Throws a Refusal or Hangup for a mail it does not take. */
  mail(mail: Mail): Promise<void> | void;
}

export interface SmtpAt {
  /** Operations are "<label> RCPT address" and "<label> DATA address,…" */
  label: string;
  name: string;
  host: string;
  port: number;
}

const MAX_SIZE = 25 * 2 ** 20;

/** An SMTP server (RFC 5321, no TLS, no login) whose recipients and mails pass the fault switches and the request log. */
export async function serveSmtp(self: StandIn, at: SmtpAt, rules: Rules) {
  const sockets = new Map<number, Socket>();
  const hangUp = (session: SMTPServerSession) => sockets.get(session.remotePort)?.destroy();

  async function pass(
    session: SMTPServerSession,
    operation: string,
    request: unknown,
    work: () => Promise<void> | void,
  ) {
    try {
      await strike(self, operation, 'before');
      await work();
      await strike(self, operation, 'after');
      self.log.append({ operation, request, response: 250 });
    } catch (error) {
      const response = error instanceof Refusal ? `${error.responseCode} ${error.message}` : String(error);
      self.log.append({ operation, request, response });
      if (error instanceof Hangup) hangUp(session);
      throw error;
    }
  }

  const server = new SMTPServer({
    name: at.name,
    size: MAX_SIZE,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onRcptTo({ address }, session, done) {
      const from = senderOf(session);
      const work = () => rules.recipient(address, from);
      pass(session, `${at.label} RCPT ${address}`, { from }, work).then(() => done(), done);
    },
    onData(stream, session, done) {
      const [from, to] = [senderOf(session), session.envelope.rcptTo.map(({ address }) => address)];
      const client = `${session.hostNameAppearsAs} (${session.remoteAddress})`;
      buffer(stream)
        .then((raw) => {
          const work = () => rules.mail({ from, to, raw, client });
          return pass(session, `${at.label} DATA ${to.join(',')}`, { from, bytes: raw.length }, work);
        })
        .then(() => done(), done);
    },
  });
  // Clients that break off are no event here.
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    const { remotePort = 0 } = socket;
    sockets.set(remotePort, socket);
    socket.on('close', () => sockets.delete(remotePort));
  });
  const listener = server.listen(at.port, at.host);
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return {
    port,
    address: `${at.host}:${port}`,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        for (const socket of sockets.values()) socket.destroy();
      }),
  };
}

async function strike(self: StandIn, operation: string, phase: Phase): Promise<void> {
  const fault: FaultAction | undefined = self.faults.take(operation, phase);
  if (fault?.kind === 'delay') await sleep(fault.ms);
  if (fault?.kind === 'drop') throw new Hangup('connection dropped');
  if (fault?.kind === 'status') throw new Refusal(fault.status, String(fault.body ?? 'Requested action not taken'));
}

function senderOf(session: SMTPServerSession): string {
  return session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
}
