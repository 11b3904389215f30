import { expect } from '@jest/globals';
import { createTransport } from 'nodemailer';
import { createMailbox, deleteMailbox, updateMailbox } from '../../api/usecases/email/mailboxes.ts';
import { Mailbox, Notification, SystemEvent } from '../../db/entities/index.ts';
import type { Scene } from '../laws/support/scene.ts';
import { registered } from '../laws/support/stages/names.ts';
import type { World } from '../laws/support/world.ts';
import { cut, FOR_LONG, faults, on, stageOf } from './support/trial.ts';

const attach = stageOf('email_attach');
const refund = stageOf('invoice_refund');
const MAILS = 'send mails';

interface State {
  messages: { messageId: string }[];
  mailboxes: Record<string, { address: string }[]>;
}
const state = async (world: World) => (await world.running('mail').state()) as State;

/** What connections that are opened from now on may do; those of a run are opened in it. */
const readOnly = (value: 'on' | 'off') => async (world: World) => {
  const [row] = await world.mailRows<{ name: string }>('select current_database() as name');
  await world.mailRows(`alter database "${row!.name}" set default_transaction_read_only = ${value}`);
};

async function mailbox(scene: Scene, localPart: string) {
  const wish = { domainId: '', localPart, password: 'Mailbox-pass-2', quotaMb: 100 };
  const [domain] = await scene.world.rows<{ id: string }>(`select id from email_domain where status = 'active'`);
  const { job, mailbox: made } = await createMailbox(scene.ctx('email.write'), { ...wish, domainId: domain!.id });
  await scene.done({ job: scene.input(job) });
  return made;
}

async function attached(scene: Scene): Promise<void> {
  await registered(scene);
  await scene.done(
    await scene.buy('MAIL-START', { domain: 'law.example', localPart: 'info', password: 'Mailbox-pass-1' }),
  );
}

async function post({ world }: Scene, to: string, text = 'secret words'): Promise<void> {
  const { MAIL_MX_ADDRESS: host, MAIL_MX_PORT: port } = world.env;
  const transport = createTransport({ host, port: Number(port), secure: false, ignoreTLS: true });
  await transport.sendMail({ from: 'bert@else.test', to, subject: 'x', text });
}

faults('mail', {
  'mail-read-only': {
    stage: attach,
    at: 'create mail domain',
    strike: readOnly('on'),
    end: 'blocked',
    reason: /read-only/,
    mend: readOnly('off'),
  },
  'mail-dns-refused': {
    stage: attach,
    at: 'publish DNS',
    strike: on('powerdns', '^PATCH', 'one-rrset-refused', { data: { name: '_dmarc.law.example.' }, times: 2 }),
    end: 'undone',
    reason: /_dmarc\.law\.example/,
  },
  'quota-lowered': async (scene) => {
    await attached(scene);
    const { id } = await mailbox(scene, 'full');
    await post(scene, 'full@law.example', 'all of a megabyte\n'.repeat(70_000));
    const { job } = await updateMailbox(scene.ctx('email.write'), id, { quotaMb: 1 });
    await scene.done({ job: scene.input(job) });
    await expect(post(scene, 'full@law.example')).rejects.toMatchObject({ responseCode: 452 });
    expect(Object.values((await state(scene.world)).mailboxes).flat()).toHaveLength(1);
  },
  'address-again': async (scene) => {
    await attached(scene);
    const first = await mailbox(scene, 'again');
    await post(scene, 'again@law.example');
    await scene.done({ job: scene.input(await deleteMailbox(scene.ctx('email.write'), first.id)) });
    await mailbox(scene, 'again');
    const [row] = await scene.world.mailRows<{ maildir: string }>(
      `select maildir from virtual_mailboxes where address = 'again@law.example'`,
    );
    const { mailboxes } = await state(scene.world);
    expect([mailboxes[row!.maildir], Object.values(mailboxes).flat().length]).toEqual([undefined, 1]);
    expect(await scene.world.em().count(Mailbox, { localPart: 'again', status: 'active' })).toBe(1);
  },
  'mail-connection-lost': {
    stage: attach,
    at: 'create mailboxes',
    strike: cut('mail database', '^write', 'after'),
    end: 'delivered',
  },
  greylisted: { stage: refund, at: MAILS, strike: on('mail', 'SINK RCPT', 'greylist'), end: 'delivered' },
  'greylisted-for-long': {
    stage: refund,
    at: MAILS,
    strike: cut('mail', 'SINK RCPT', 'before', FOR_LONG, { kind: 'status', status: 451, body: 'try again later' }),
    end: 'blocked',
    reason: /451/,
  },
  bounced: {
    stage: refund,
    at: MAILS,
    strike: on('mail', 'SINK DATA', 'accept-then-bounce'),
    end: 'delivered',
    but: /^\+ mail .*(bounce|undeliver|failure|returned)/i,
  },
  'dropped-after-data': {
    stage: refund,
    at: MAILS,
    strike: on('mail', 'SINK DATA', 'drop-after-data'),
    end: 'delivered',
    also: async (world) => {
      const ids = (await state(world)).messages.map(({ messageId }) => messageId);
      expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
    },
  },
  'mail-refused': {
    stage: refund,
    at: MAILS,
    strike: on('mail', 'SINK RCPT', 'reject-5xx'),
    end: 'delivered',
    but: /^\+ mail /,
    also: async (world) => {
      const [mail] = await world.em().find(Notification, { refusal: { $ne: null } });
      const shown = await world.em().findOneOrFail(SystemEvent, { type: 'mail.refused', key: mail!.id });
      expect(shown.message).toContain(mail!.recipient);
    },
  },
  'relay-denies': {
    stage: refund,
    at: MAILS,
    strike: cut('mail', 'SINK RCPT', 'before', FOR_LONG, { kind: 'status', status: 530, body: 'log in first' }),
    end: 'blocked',
    reason: /530|log in/,
  },
});
