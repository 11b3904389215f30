import { CheckoutSession, type Invoice, Job } from '../../../../db/entities/index.ts';
import { startJob } from '../../../../db/queries/jobs.ts';
import { newId } from '../../../../runtime/ids.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from './index.ts';

/** An invoice paid at Stripe's checkout. */
async function paid(scene: Scene): Promise<Invoice> {
  const { invoice, orderJob } = await scene.order('DOMAIN', { domain: 'law.example' });
  const id = newId();
  const pages = { successUrl: 'http://127.0.0.1/thanks', cancelUrl: 'http://127.0.0.1/back' };
  const expiresAt = new Date(Date.now() + 3_600_000);
  await scene.world
    .em()
    .insert(CheckoutSession, { id, tenantId: invoice.tenantId, invoiceId: invoice.id, expiresAt, ...pages });
  const { stripeId } = await scene.hands.activities.askCheckout({ sessionId: id });
  await scene.world.running('stripe').acts?.pay?.({ session: stripeId });
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
