import MailComposer from 'nodemailer/lib/mail-composer';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { classify } from './classify.ts';
import { deliver, type Message } from './deliver.ts';
import type { Mailer, OutgoingMail } from './port.ts';

export interface SmtpConfig {
  /** smtp://user:password@host:port, or smtps:// for TLS from the start; STARTTLS is used wherever it is offered. */
  url: string;
  /** `mpanel <noreply@example.com>` */
  from: string;
  /** Longest silence of the relay, milliseconds. */
  timeoutMs?: number;
}

/** Notifications by SMTP (RFC 5321), one connection each: what a lost connection leaves unknown is one mail. */
export function createMailer({ url, from, timeoutMs = 30_000 }: SmtpConfig): Mailer {
  const { auth, ...relay } = parseConnectionUrl(url);
  const patience = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs };
  const open = new Set<SMTPConnection>();

  async function talk(message: Message | undefined): Promise<void> {
    const connection = new SMTPConnection({ ...relay, ...patience });
    open.add(connection);
    try {
      const outcome = await deliver(connection, message, auth);
      if (outcome) throw classify(outcome.error, outcome.dataBegun);
    } finally {
      connection.close();
      open.delete(connection);
    }
  }

  return {
    ping: () => talk(undefined),
    async send(mail) {
      const composed = compose(mail, from);
      await talk({ envelope: composed.getEnvelope(), raw: await composed.build() });
    },
    close() {
      for (const connection of open) connection.close();
    },
  };
}

function compose(mail: OutgoingMail, from: string) {
  const { to, subject, text } = mail;
  // RFC 3834: asks auto-responders to stay silent.
  const headers = { 'Auto-Submitted': 'auto-generated' };
  return new MailComposer({ from, to, subject, text, headers, messageId: messageId(mail.id, from) }).compile();
}

/** RFC 5322 3.6.4 with the sender's domain; the same mail has the same id however often it is sent. */
function messageId(id: string, from: string): string {
  const domain = from.replace(/^.*@/, '').replace(/>.*$/, '');
  const local = id.replace(/[^\w.-]/g, (sign) => `=${sign.codePointAt(0)?.toString(16)}`);
  return `<${local}@${domain}>`;
}
