import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTransport } from 'nodemailer';
import pg from 'pg';
import { signIn } from '../../scripts/demo/api.ts';
import { callJson } from '../../scripts/demo/http.ts';
import { findGuest } from '../../scripts/demo/proofs/find-guest.ts';
import type { Subject } from '../../scripts/demo/proofs/proof.ts';
import { proveAll } from '../../scripts/demo/prove.ts';
import { createScreen } from '../../scripts/demo/screen.ts';
import { goShopping } from '../../scripts/demo/shop.ts';
import { shakeHands } from '../../scripts/demo/wire/tls.ts';
import { startTestPlatform } from '../support/platform.ts';

const ADMIN = { email: 'admin@mpanel.test', password: 'a-demo-password' };

let platform: Awaited<ReturnType<typeof startTestPlatform>>;
let subject: Subject;
let output = '';

beforeAll(async () => {
  const env = { SEED: 'demo', ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };
  platform = await startTestPlatform({ env });
  const screen = createScreen({ write: (text: string) => (output += text) });
  const { signal } = new AbortController();
  const bought = await goShopping({ url: platform.url, admin: ADMIN, screen, signal });
  subject = { ...bought, env: platform.env, mailSinkUrl: String(platform.urls.mail?.['mail sink']) };
}, 120_000);

afterAll(() => platform?.stop());

/** Makes something happen at a stand-in, behind mpanel's back. */
const act = (part: string, verb: string, body: unknown) =>
  callJson(`${platform.controlUrl}/${part}/act/${verb}`, { method: 'POST', body: JSON.stringify(body) });

const mailFaults = () => `${platform.controlUrl}/mail/faults`;

/** A fault of the mail servers that strikes until it is cleared. */
async function breakMail(fault: object) {
  await callJson(mailFaults(), { method: 'POST', body: JSON.stringify({ ...fault, times: null }) });
  return () => callJson(mailFaults(), { method: 'DELETE' });
}

const refuseMail = (match: string, status: number) =>
  breakMail({ match, phase: 'before', action: { kind: 'status', status } });

async function setRecord(name: string, type: string, contents: string[]) {
  const { domain: zone } = subject.purchase;
  await act('powerdns', 'set-record', { zone: `${zone}.`, name: `${name}.`, type, contents });
}

async function setInvoice(status: string) {
  const client = new pg.Client({ connectionString: String(platform.env.DATABASE_URL) });
  await client.connect();
  await client.query('update invoice set status = $1 where id = $2', [status, subject.purchase.invoice.id]);
  await client.end();
}

interface Mail {
  from: string;
  to: string[];
  raw: string;
}

async function welcomeMail(): Promise<Mail> {
  const { email } = subject.purchase.customer;
  const [kept] = (await callJson(`${subject.mailSinkUrl}/messages?to=${email}`)) as { id: number }[];
  return (await callJson(`${subject.mailSinkUrl}/messages/${kept?.id}`)) as Mail;
}

/** The sink holds this mail and no other. */
async function replaceMails({ from, to, raw }: Mail): Promise<void> {
  await act('mail', 'clear-sink', {});
  await createTransport(String(platform.env.SMTP_URL)).sendMail({ envelope: { from, to }, raw });
}

const guestOf = async () => ({ vmid: (await findGuest(subject)).vm.vmid });

/** The proofs that do not hold, with what they say. */
async function broken(): Promise<Record<string, string>> {
  const verdicts = await proveAll(subject);
  return Object.fromEntries(verdicts.flatMap(({ proof, holds, evidence }) => (holds ? [] : [[proof, evidence]])));
}

test('every step of every job was shown, and everything that was sold is there', async () => {
  for (const step of ['create zone', 'create guest', 'create mailboxes', 'verify by TLS handshake'])
    expect(output.match(new RegExp(`${step} +done +attempt 1 +[\\d.]+ s`, 'g'))).toHaveLength(1);
  expect(output).toMatch(/order_fulfil +completed\nDelivered [\d.]+ s after Pay was pressed\.\n$/);
  expect(await broken()).toEqual({});
});

interface Break {
  what: string;
  /** Answers how to mend it. */
  by: () => Promise<() => Promise<unknown>>;
  breaks: Record<string, RegExp>;
}

const BREAKS: Break[] = [
  {
    what: 'the guest is stopped',
    by: async () => {
      const at = await guestOf();
      await act('proxmox', 'stop-guest', at);
      return () => act('proxmox', 'start-guest', at);
    },
    breaks: { guest: /is stopped$/, certificate: /ECONNREFUSED/ },
  },
  {
    what: 'the guest has less than was bought',
    by: async () => {
      const at = await guestOf();
      await act('proxmox', 'set-config', { ...at, config: { cores: '1' } });
      return () => act('proxmox', 'set-config', { ...at, config: { cores: '2' } });
    },
    breaks: { guest: /has 1 cores, 2048 MiB, 40G disk, not 2 cores/ },
  },
  {
    what: "the guest bears somebody else's mark",
    by: async () => {
      const at = await guestOf();
      await act('proxmox', 'set-config', { ...at, config: { description: 'mpanel:other' } });
      return () => act('proxmox', 'set-config', { ...at, config: { description: `mpanel:${subject.purchase.podId}` } });
    },
    breaks: { guest: /marked "mpanel:other"/ },
  },
  {
    what: 'a second guest has the name',
    by: async () => {
      const twin = { vmid: 999, name: subject.purchase.hostname };
      await act('proxmox', 'plant-guest', twin);
      return () => act('proxmox', 'destroy-guest', twin);
    },
    breaks: { guest: /there are 2 guests/, 'A record': /there are 2 guests/, certificate: /there are 2 guests/ },
  },
  {
    what: 'the domain is served by others',
    by: async () => {
      const { domain: name } = subject.purchase;
      const set = (nameservers: string[]) => act('registrar', 'set-nameservers', { name, nameservers });
      await set(['ns1.rival.test', 'ns2.rival.test']);
      return () => set(String(platform.env.NAMESERVERS).split(','));
    },
    breaks: { domain: /served by ns1\.rival\.test, ns2\.rival\.test, not/ },
  },
  {
    what: 'the domain has gone to another registrar',
    by: async () => {
      const { domain: name } = subject.purchase;
      await act('registrar', 'transfer-away', { name });
      return () => act('registrar', 'transfer-away', { name, to: platform.env.EPP_USER });
    },
    breaks: { domain: /belongs to/ },
  },
  {
    what: 'the A record leads elsewhere',
    by: async () => {
      const { hostname } = subject.purchase;
      const { address } = await findGuest(subject);
      await setRecord(hostname, 'A', ['127.64.250.250']);
      return () => setRecord(hostname, 'A', [address]);
    },
    breaks: { 'A record': /A is 127\.64\.250\.250, the guest has/ },
  },
  {
    what: 'the guest serves a chain of its own making',
    by: async () => {
      const at = await guestOf();
      await act('proxmox', 'break-edge', { ...at, name: subject.purchase.hostname });
      return async () => {
        await act('proxmox', 'stop-guest', at);
        await act('proxmox', 'start-guest', at);
      };
    },
    breaks: { certificate: /self-signed certificate/ },
  },
  {
    what: 'the MX record leads elsewhere',
    by: async () => {
      const { domain } = subject.purchase;
      await setRecord(domain, 'MX', ['10 mx.rival.example.']);
      return () => setRecord(domain, 'MX', [`10 ${platform.env.MAIL_MX_HOST}.`]);
    },
    breaks: { mailbox: /mx\.rival\.example A/ },
  },
  {
    what: 'the mail server takes no mail for the mailbox',
    by: () => refuseMail('^MX RCPT', 550),
    breaks: { mailbox: /550/ },
  },
  {
    what: 'mail is taken and lost',
    by: () => breakMail({ match: '^MX DATA', phase: 'switch', action: { kind: 'switch', name: 'mail-lost' } }),
    breaks: { mailbox: /was taken by mx\.mpanel\.test and is not among the \d+ in the mailbox/ },
  },
  {
    what: 'the mailbox does not let its owner in',
    by: () => refuseMail('^POP3 PASS', 500),
    breaks: { mailbox: /POP3 answers PASS with -ERR/ },
  },
  {
    what: 'the welcome mail is not in the sink',
    by: async () => {
      const mail = await welcomeMail();
      await act('mail', 'clear-sink', {});
      return () => replaceMails(mail);
    },
    breaks: { 'welcome mail': /no welcome mail to/ },
  },
  {
    what: 'the welcome mail does not name what was bought',
    by: async () => {
      const mail = await welcomeMail();
      await replaceMails({ ...mail, raw: 'Subject: Your order is ready\r\n\r\nHello Dana Demo,' });
      return () => replaceMails(mail);
    },
    breaks: { 'welcome mail': /does not say www\.demo-.*, hello@/ },
  },
  {
    what: 'the invoice is not paid',
    by: async () => {
      await setInvoice('unpaid');
      return () => setInvoice('paid');
    },
    breaks: { payment: /is unpaid$/ },
  },
  {
    what: 'the customer is charged twice',
    by: async () => {
      const body = new URLSearchParams({
        ...{ amount: '2248', currency: 'usd', confirm: 'true', payment_method: 'pm_card_visa' },
        'metadata[invoiceId]': subject.purchase.invoice.id,
      });
      const headers = { authorization: `Bearer ${platform.env.STRIPE_SECRET_KEY}` };
      await callJson(`${platform.env.STRIPE_API_URL}/v1/payment_intents`, { method: 'POST', headers, body });
      // What was charged stays charged: this one stands last.
      return async () => {};
    },
    breaks: { payment: /2 charges for invoice/ },
  },
];

test.each(BREAKS)('named when $what', async ({ by, breaks }) => {
  const mend = await by();
  try {
    const wrong = await broken();
    expect(Object.keys(wrong)).toEqual(Object.keys(breaks));
    for (const [proof, evidence] of Object.entries(breaks)) expect(wrong[proof]).toMatch(evidence);
  } finally {
    await mend();
  }
});

test('one sentence says what to do where the administrator is another one', async () => {
  const login = { ...ADMIN, password: 'of another data folder' };
  await expect(signIn(platform.url, login)).rejects.toThrow(/cannot sign in: .* Set ADMIN_EMAIL and ADMIN_PASSWORD/);
});

test('a handshake under another name than the certificate’s fails', async () => {
  const { address } = await findGuest(subject);
  const roots = readFileSync(String(platform.env.ACME_ROOTS), 'utf8');
  const at = { address, port: Number(platform.env.TLS_PORT), roots };
  await expect(shakeHands({ ...at, name: 'www.other.example' })).rejects.toThrow(/altnames/);
});
