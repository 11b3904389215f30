import { randomUUID } from 'node:crypto';
import { askA, askMx } from '../wire/dns.ts';
import { readMailbox } from '../wire/pop3.ts';
import { sendMail } from '../wire/smtp.ts';
import { expect, need, type Proof } from './proof.ts';

/** A mail sent from outside, the way that DNS shows, lies in the mailbox and is read there with its password. */
export const mailbox: Proof = async ({ env, purchase: { domain, mailbox } }) => {
  const server = need(env, 'DNS_ADDRESS');
  const [exchanger] = await askMx(server, domain);
  expect(exchanger !== undefined, `${domain} has no MX record`);
  const [host] = await askA(server, exchanger);
  expect(host !== undefined, `${exchanger}, which takes the mail of ${domain}, has no address`);
  const port = Number(env.MAIL_MX_PORT ?? 25);
  const token = randomUUID();
  const mail = { from: 'friend@elsewhere.test', to: mailbox.address, subject: 'Hello', text: `Can you read ${token}?` };
  await sendMail({ host, port }, mail);
  const mails = await readMailbox(need(env, 'MAIL_POP3_ADDRESS'), mailbox.address, mailbox.password);
  expect(
    mails.some((text) => text.includes(token)),
    `the mail to ${mailbox.address} was taken by ${exchanger} and is not among the ${mails.length} in the mailbox`,
  );
  return `mail to ${mailbox.address} by way of MX ${exchanger} (${host}:${port}), read there by POP3`;
};
