import { Customer, type Invoice, Job, TaxRate, Tenant } from '../../../../db/entities/index.ts';
import { startJob } from '../../../../db/queries/jobs.ts';
import { newId } from '../../../../runtime/ids.ts';
import type { Asked, Scene } from '../scene.ts';
import type { Stage } from './index.ts';

/** An invoice paid at Stripe's checkout. */
async function paid(scene: Scene): Promise<Invoice> {
  const { invoice, orderJob } = await scene.order('DOMAIN', { domain: 'law.example' });
  const session = await scene.page(invoice);
  await scene.world.running('stripe').acts?.pay?.({ session });
  await scene.hands.activities.settlePayments({ ...orderJob, step: 'settle payments', phase: 'do' });
  return invoice;
}

/** A business in another member state, whose number VIES had not been asked about when it was charged. */
async function business(scene: Scene): Promise<void> {
  const { world, customerId } = scene;
  const em = world.em();
  await em.nativeUpdate(Tenant, { id: world.tenantId }, { country: 'FR', vatId: 'FR12345678901' });
  const rate = { country: 'FR', category: 'standard' as const, rate: 200_000, validFrom: '2020-01-01' };
  await em.insert(TaxRate, { id: newId(), tenantId: world.tenantId, ...rate });
  const number = { vatId: 'DE123456789', vatStatus: 'unchecked' as const, vatSince: new Date(0) };
  await em.nativeUpdate(Customer, { id: customerId }, number);
}

async function sentBack(scene: Scene, { id: targetId, tenantId, customerId }: Invoice): Promise<Asked> {
  const em = scene.world.em();
  const { job } = startJob(em, { type: 'invoice_refund', tenantId, customerId, targetId });
  await em.flush();
  return { job: scene.input(await em.findOneOrFail(Job, { id: job.id })) };
}

/** An invoice that was paid at Stripe and is to be paid back. */
export const refunded = async (scene: Scene): Promise<Asked> => sentBack(scene, await paid(scene));

export const money: readonly Stage[] = [
  {
    saga: 'vat_check',
    async arrange(scene) {
      await business(scene);
      const { tenantId, customerId } = await paid(scene);
      return async () => {
        const em = scene.world.em();
        const { job } = startJob(em, { type: 'vat_check', tenantId, customerId, targetId: customerId });
        await em.flush();
        return { job: scene.input(await em.findOneOrFail(Job, { id: job.id })) };
      };
    },
  },
  {
    saga: 'invoice_refund',
    async arrange(scene) {
      const invoice = await paid(scene);
      return () => sentBack(scene, invoice);
    },
  },
];
