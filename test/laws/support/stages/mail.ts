import { createMailbox, deleteMailbox, updateMailbox } from '../../../../api/usecases/email/mailboxes.ts';
import { Mailbox } from '../../../../db/entities/index.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from './index.ts';
import { registered } from './names.ts';

const PLAN = { domain: 'law.example', localPart: 'info', password: 'Mailbox-pass-1' };

/** Answers the e-mail domain and its first mailbox. */
async function attached(scene: Scene): Promise<{ emailDomainId: string; mailboxId: string }> {
  await registered(scene);
  const emailDomainId = await scene.done(await scene.buy('MAIL-START', PLAN));
  const { id: mailboxId } = await scene.world.em().findOneOrFail(Mailbox, { emailDomainId });
  return { emailDomainId, mailboxId };
}

export const mail: readonly Stage[] = [
  {
    saga: 'email_attach',
    async arrange(scene) {
      await registered(scene);
      return () => scene.buy('MAIL-START', PLAN);
    },
  },
  {
    saga: 'email_detach',
    async arrange(scene) {
      await registered(scene);
      const plan = await scene.buy('MAIL-START', PLAN);
      await scene.done(plan);
      return () => scene.cancelled(plan);
    },
  },
  {
    saga: 'mailbox_create',
    async arrange(scene) {
      const { emailDomainId: domainId } = await attached(scene);
      return async () => {
        const wish = { domainId, localPart: 'sales', password: 'Mailbox-pass-2', quotaMb: 100 };
        const { job } = await createMailbox(scene.ctx('email.write'), wish);
        return { job: scene.input(job) };
      };
    },
  },
  {
    saga: 'mailbox_update',
    async arrange(scene) {
      const { mailboxId } = await attached(scene);
      return async () => {
        const { job } = await updateMailbox(scene.ctx('email.write'), mailboxId, { quotaMb: 4096 });
        return { job: scene.input(job) };
      };
    },
  },
  {
    saga: 'mailbox_delete',
    async arrange(scene) {
      const { mailboxId } = await attached(scene);
      return async () => ({ job: scene.input(await deleteMailbox(scene.ctx('email.write'), mailboxId)) });
    },
  },
];
