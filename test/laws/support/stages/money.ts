import { type Invoice, Job } from '../../../../db/entities/index.ts';
import { startJob } from '../../../../db/queries/jobs.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from './index.ts';

/** An invoice paid at Stripe's checkout. */
async function paid(scene: Scene): Promise<Invoice> {
  const { invoice, orderJob } = await scene.order('DOMAIN', { domain: 'law.example' });
  const session = await scene.page(invoice);
  await scene.world.running('stripe').acts?.pay?.({ session });
  await scene.hands.activities.settlePayments({ ...orderJob, step: 'settle payments', phase: 'do' });
  return invoice;
}

export const money: readonly Stage[] = [
  {
    saga: 'invoice_refund',
    async arrange(scene) {
      const invoice = await paid(scene);
      return async () => {
        const em = scene.world.em();
        const { tenantId, customerId } = invoice;
        const { job } = startJob(em, { type: 'invoice_refund', tenantId, customerId, targetId: invoice.id });
        await em.flush();
        return { job: scene.input(await em.findOneOrFail(Job, { id: job.id })) };
      };
    },
  },
];
