import { Job } from '../../db/entities/index.ts';
import { PERSON, startApi, stock } from './support.ts';

/** The API with something to sell and a customer, whose orders wait for their money. */
export async function openShop() {
  const api = await startApi({ STRIPE_SECRET_KEY: 'sk_test_x', UNPAID_ORDERS_MAX: '100' });
  const podId = (await stock(api, 40)).products.pod.id;
  const customerId: string = (await api.admin('POST', '/api/customers', { body: PERSON })).body.id;

  return {
    api,
    podId,
    async placeOrder(): Promise<{ orderId: string; invoiceId: string; job: Job }> {
      const items = [{ productId: podId, billingCycle: 'monthly', quantity: 1 }];
      const { body } = await api.admin('POST', '/api/orders', { body: { customerId, items } });
      const job = await api.orm.em.fork().findOneOrFail(Job, { id: body.order.jobId });
      return { orderId: body.order.id, invoiceId: body.invoice.id, job };
    },
  };
}
export type Shop = Awaited<ReturnType<typeof openShop>>;
