import { Job, Subscription } from '../../../../db/entities/index.ts';
import { startJob } from '../../../../db/queries/jobs.ts';
import type { JobInput, JobType } from '../../../../workflows/catalog.ts';
import type { Asked, Scene } from '../scene.ts';
import type { Stage } from './index.ts';

/** An order of a domain with open pages at Stripe, of which the first few are paid there; we have not looked yet. */
async function paidPages(scene: Scene, { open, paid }: { open: number; paid: number }): Promise<Required<Asked>> {
  const { item, invoice, orderJob } = await scene.order('DOMAIN', { domain: 'law.example' });
  const pages: string[] = [];
  for (let at = 0; at < open; at++) pages.push(await scene.page(invoice));
  for (const session of pages.slice(0, paid)) await scene.world.running('stripe').acts?.pay?.({ session });
  return { job: orderJob, itemId: item.id, orderJob };
}

async function begun(scene: Scene, type: JobType, { targetId }: { targetId: string }): Promise<JobInput> {
  const em = scene.world.em();
  const { tenantId, customerId } = scene.world;
  const { job } = startJob(em, { type, tenantId, customerId, targetId });
  await em.flush();
  return scene.input(await em.findOneOrFail(Job, { id: job.id }));
}

const settle = { name: 'settle payments', do: 'settlePayments' } as const;
const finish = { name: 'finish order', do: 'finishOrder' } as const;
const mails = { name: 'send mails', do: 'sendOrderMails' } as const;

export const orders: readonly Stage[] = [
  {
    saga: 'order_fulfil',
    about: 'what it cannot deliver',
    acts: [settle, { name: 'refund', do: 'refundItem', ofItem: true }, finish, mails],
    arrange: async (scene) => () => paidPages(scene, { open: 2, paid: 1 }),
  },
  {
    saga: 'order_fulfil',
    about: 'what it has delivered',
    acts: [finish, mails],
    async arrange(scene) {
      const asked = await scene.buy('DOMAIN', { domain: 'law.example' });
      await scene.done(asked);
      return async () => ({ job: asked.orderJob! });
    },
  },
  {
    saga: 'order_fulfil',
    about: 'never paid',
    acts: [{ name: 'close unpaid order', do: 'closeUnpaidOrder' }, mails],
    arrange: async (scene) => () => paidPages(scene, { open: 1, paid: 0 }),
  },
  {
    saga: 'payment_settle',
    about: 'paid twice',
    acts: [settle, mails],
    async arrange(scene) {
      const { job } = await paidPages(scene, { open: 2, paid: 2 });
      return async () => ({ job: await begun(scene, 'payment_settle', job) });
    },
  },
  {
    saga: 'subscription_cancel',
    acts: [
      { name: 'end subscription', do: 'endSubscription' },
      { name: 'destroy service', do: 'destroyService' },
    ],
    async arrange(scene) {
      const resourceId = await scene.done(await scene.buy('CPOD-CT', { name: 'law' }));
      const { id: targetId } = await scene.world.em().findOneOrFail(Subscription, { resourceId });
      return async () => ({ job: await begun(scene, 'subscription_cancel', { targetId }) });
    },
  },
];
