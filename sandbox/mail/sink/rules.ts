import type { StandIn } from '../../lib/stand-in.ts';
import { Hangup, type Mail, Refusal, type Rules } from '../smtp.ts';
import type { Messages } from './messages.ts';

/** The relay takes every mail for everybody, unless a switch says otherwise. */
export function sinkRules(self: StandIn, messages: Messages): Rules {
  const seen = self.store.collection<true>('mail.greylist');
  return {
    recipient(address, from) {
      const operation = `SINK RCPT ${address}`;
      const pair = `${from} ${address}`;
      if (!seen.has(pair) && self.faults.switched('greylist', operation)) {
        seen.set(pair, true);
        throw new Refusal(451, `4.7.1 <${address}>: Recipient address rejected: Greylisted, try again later`);
      }
      if (self.faults.switched('reject-5xx', operation))
        throw new Refusal(550, '5.7.1 Daily sending quota of this account exceeded');
    },
    async mail(mail) {
      const operation = `SINK DATA ${mail.to.join(',')}`;
      const bounced = self.faults.switched('accept-then-bounce', operation) !== undefined;
      await messages.keep({ ...mail, bounced });
      // A bounce has no sender of its own, so that none is answered (RFC 5321 4.5.5).
      if (bounced && mail.from !== '') await messages.keep({ from: '', to: [mail.from], raw: bounceOf(mail) });
      if (self.faults.switched('drop-after-data', operation)) throw new Hangup('connection dropped, mail kept');
    },
  };
}

/** A delivery status notification (RFC 3464) with the headers of what it returns. */
function bounceOf({ from, to, raw }: Mail): Buffer {
  const boundary = `bounce-${crypto.randomUUID()}`;
  const text = raw.toString('latin1');
  const status = to.map((address) => [
    `Final-Recipient: rfc822; ${address}`,
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 User unknown',
    '',
  ]);
  const lines = [
    'From: Mail Delivery System <MAILER-DAEMON@relay.mpanel.test>',
    `To: ${from}`,
    'Subject: Undelivered Mail Returned to Sender',
    `Message-ID: <${boundary}@relay.mpanel.test>`,
    `Date: ${new Date().toUTCString()}`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain',
    '',
    `Your mail could not be delivered to ${to.join(', ')}: User unknown.`,
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; relay.mpanel.test',
    '',
    ...status.flat(),
    `--${boundary}`,
    'Content-Type: text/rfc822-headers',
    '',
    text.split('\r\n\r\n', 1)[0],
    `--${boundary}--`,
    '',
  ];
  return Buffer.from(lines.join('\r\n'), 'latin1');
}
