import { callJson } from '../http.ts';
import { expect, type Proof } from './proof.ts';

interface Mail {
  subject: string;
  text: string;
}

/** The customer was written to once, and told all of it but the passwords. */
export const welcome: Proof = async ({ mailSinkUrl, purchase }) => {
  const { customer, hostname, domain, mailbox } = purchase;
  const found = (await callJson(`${mailSinkUrl}/messages?to=${encodeURIComponent(customer.email)}`)) as Mail[];
  const [mail, ...others] = found.filter(({ subject }) => subject === 'Your order is ready');
  expect(mail !== undefined, `no welcome mail to ${customer.email} in the mail sink`);
  expect(!others.length, `${others.length + 1} welcome mails to ${customer.email}`);
  const missing = [customer.name, hostname, domain, mailbox.address].filter((word) => !mail.text.includes(word));
  expect(!missing.length, `the welcome mail does not say ${missing.join(', ')}`);
  expect(!mail.text.includes(mailbox.password), 'the welcome mail has a password in it');
  return `"${mail.subject}" to ${customer.email} names ${[hostname, domain, mailbox.address].join(', ')}`;
};
