import { createMailbox, deleteMailbox, updateMailbox } from '../../../../api/usecases/email/mailboxes.ts';
import { Job, Mailbox } from '../../../../db/entities/index.ts';
import { suspendService, wakeService } from '../../../../db/queries/services.ts';
import { newId } from '../../../../runtime/ids.ts';
import type { Asked, Scene } from '../scene.ts';
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

/** Its mailboxes are to be closed, since they are unpaid. */
async function suspended(scene: Scene, resourceId: string): Promise<Asked> {
  const { tenantId } = scene.world;
  const em = scene.world.em();
  const paid = { tenantId, customerId: scene.customerId, resourceId };
  await em.transactional((tx) => suspendService(tx, paid, 'unpaid', newId()));
  return { job: scene.input(await em.findOneOrFail(Job, { type: 'email_suspend' })) };
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
    saga: 'email_suspend',
    async arrange(scene) {
      const { emailDomainId } = await attached(scene);
      return () => suspended(scene, emailDomainId);
    },
  },
  {
    saga: 'email_unsuspend',
    async arrange(scene) {
      const { emailDomainId: resourceId } = await attached(scene);
      await scene.done(await suspended(scene, resourceId));
      return async () => {
        const em = scene.world.em();
        const paid = { tenantId: scene.world.tenantId, customerId: scene.customerId, resourceId };
        await em.transactional((tx) => wakeService(tx, paid, 'unpaid'));
        return { job: scene.input(await em.findOneOrFail(Job, { type: 'email_unsuspend' })) };
      };
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
