import { createHmac } from 'node:crypto';
import type { Stage } from './index.ts';

/** An event about an invoice, as Stripe would send it, whatever is true. */
export function paidEvent(id: string, invoiceId: string) {
  const session = {
    id: 'cs_test_made_up',
    object: 'checkout.session',
    client_reference_id: invoiceId,
    status: 'complete',
  };
  return {
    id,
    object: 'event',
    type: 'checkout.session.completed',
    data: { object: { ...session, payment_status: 'paid' } },
  };
}

/** Posts an event to the webhook, signed with Stripe's scheme (t=…,v1=…); the status that was answered. */
export async function postEvent(stage: Stage, event: object, { secret = '', at = Date.now() } = {}): Promise<number> {
  const body = JSON.stringify(event, null, 2);
  const seconds = Math.floor(at / 1000);
  const key = secret || String(stage.platform.env.STRIPE_WEBHOOK_SECRET);
  const mac = createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex');
  const response = await fetch(`${stage.platform.url}/api/payments/stripe/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': `t=${seconds},v1=${mac}` },
    body,
  });
  return response.status;
}
