import { AppError } from '../../../core/app-error.ts';
import type { Job, Mailbox } from '../../../db/entities/index.ts';
import { findEmailDomain, lockEmailDomainOf, lockMailbox } from '../../../db/queries/mail.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';
import { requireIdle, requireState } from '../idle.ts';
import { addMailbox, mailHash } from '../resources/email.ts';

export interface MailboxWish {
  domainId: string;
  localPart: string;
  password?: string | undefined;
  quotaMb: number;
}

export interface MailboxChange {
  mailbox: Mailbox;
  job: Job;
}

export function createMailbox(ctx: Context, { domainId, ...wish }: MailboxWish): Promise<MailboxChange> {
  return change(ctx, async (tx) => {
    const domain = seen(ctx, await lockEmailDomainOf(tx.em, ctx.scope, domainId));
    requireState(domain.status, ['active']);
    const mailbox = await addMailbox({ em: tx.em, seal: ctx.seal }, domain, { password: undefined, ...wish });
    tx.audit('mailbox.created', mailbox.id, { localPart: wish.localPart, domain: domain.name });
    return { mailbox, job: tx.start({ type: 'mailbox_create', targetId: mailbox.id, customerId: domain.customerId }) };
  });
}

type Changes = { [K in keyof MailboxWish]?: MailboxWish[K] | undefined };

/** Password and quota can be changed; its address is said as it is, or not at all. */
export function updateMailbox(ctx: Context, id: string, changes: Changes): Promise<MailboxChange> {
  return change(ctx, async (tx) => {
    const mailbox = seen(ctx, await lockMailbox(tx.em, ctx.scope, id));
    await checkAddress({ ...ctx, em: tx.em }, mailbox, changes);
    requireState(mailbox.status, ['active']);
    await requireIdle(tx, id);
    if (changes.quotaMb !== undefined) mailbox.quotaMb = changes.quotaMb;
    if (changes.password !== undefined) {
      mailbox.passwordHash = await mailHash(changes.password);
      mailbox.passwordSecretId = null;
    }
    tx.audit('mailbox.updated', id, { fields: Object.keys(changes) });
    return { mailbox, job: tx.start({ type: 'mailbox_update', targetId: id, customerId: mailbox.customerId }) };
  });
}

/** Its domain goes by two ids, as in POST. */
async function checkAddress(ctx: Context, mailbox: Mailbox, { domainId, localPart }: Changes): Promise<void> {
  const domain = domainId && seen(ctx, await findEmailDomain(ctx.em, ctx.scope, mailbox.emailDomainId));
  const moved = domain && domainId !== domain.id && domainId !== domain.domainId;
  if (moved || (localPart !== undefined && localPart !== mailbox.localPart))
    throw new AppError('WRONG_STATE', 'The address of a mailbox stays; make another mailbox.');
}

export function deleteMailbox(ctx: Context, id: string): Promise<Job> {
  return change(ctx, async (tx) => {
    const mailbox = seen(ctx, await lockMailbox(tx.em, ctx.scope, id));
    if (mailbox.status === 'deleting') throw new AppError('JOB_RUNNING', 'It is being deleted.');
    requireState(mailbox.status, ['active']);
    await requireIdle(tx, id);
    mailbox.status = 'deleting';
    tx.audit('mailbox.delete_requested', id, { localPart: mailbox.localPart });
    return tx.start({ type: 'mailbox_delete', targetId: id, customerId: mailbox.customerId });
  });
}
