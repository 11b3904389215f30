import { Readable } from 'node:stream';
import type { NodemailerError } from 'nodemailer/lib/errors';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';

export interface Message {
  envelope: { from: string | false; to: string[] };
  raw: Buffer;
}

export interface Failure {
  error: NodemailerError;
  /** Whether the relay had asked for the text (354): from then on it may have the mail without our knowing. */
  dataBegun: boolean;
}

/**
 * Sends one message over a fresh connection, or none: then it only connects and signs in. Answers how it failed, or
 * undefined where the relay accepted it.
 */
export function deliver(
  connection: SMTPConnection,
  message: Message | undefined,
  auth: { user: string; pass: string } | undefined,
): Promise<Failure | undefined> {
  return new Promise((done) => {
    let dataBegun = false;
    const fail = (error: NodemailerError) => done({ error, dataBegun });
    const text = Readable.from(
      (function* () {
        dataBegun = true;
        yield message?.raw ?? Buffer.alloc(0);
      })(),
    );
    const send = () =>
      message === undefined
        ? done(undefined)
        : connection.send(message.envelope, text, (error) => (error ? fail(error) : done(undefined)));
    connection.on('error', fail);
    // Closed from our side.
    connection.on('end', () => fail(new Error('connection closed')));
    connection.connect((error) => {
      if (error) return fail(error);
      if (!auth) return send();
      connection.login({ credentials: auth }, (refused) => (refused ? fail(refused) : send()));
    });
  });
}
