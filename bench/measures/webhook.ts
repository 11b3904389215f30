import Stripe from 'stripe';
import { openLoop, timed } from '../../scripts/stage/load.ts';
import type { Stage } from '../../scripts/stage/stage.ts';
import type { Measured } from '../figure.ts';
import type { Options } from '../options.ts';
import { createShoppers } from '../shop.ts';
import { quantile } from '../stats.ts';

const PER_SECOND = 20;
const MOST = 600;
/** Unpaid orders that the events are about. */
const ORDERS = 20;

/** Signed events about unpaid orders, each kept, told to the order's workflow and answered. */
export async function measureWebhook(stage: Stage, { orders }: Options): Promise<Measured> {
  const [shopper] = await createShoppers(await stage.signIn(), 1);
  const about = await Promise.all(Array.from({ length: ORDERS }, () => shopper!.order()));
  const count = Math.min(orders * 2, MOST);
  const took: number[] = [];
  const wrong: string[] = [];
  await openLoop(count, PER_SECOND, async (index) => {
    const request = signed(about[index % ORDERS]!.invoiceId, String(stage.platform.env.STRIPE_WEBHOOK_SECRET));
    took.push(
      await timed(async () => {
        const answer = await fetch(`${stage.platform.url}/api/payments/stripe/webhook`, request);
        await answer.arrayBuffer();
        if (!answer.ok) wrong.push(`an event was answered ${answer.status}`);
      }),
    );
  });
  const detail = `${count} events at ${PER_SECOND}/s`;
  return {
    figures: [
      { name: 'webhook answer, p50', value: quantile(took, 0.5), unit: 'ms', detail },
      { name: 'webhook answer, p99', value: quantile(took, 0.99), unit: 'ms', aim: { most: 100 } },
    ],
    wrong,
  };
}

function signed(invoiceId: string, secret: string): RequestInit {
  const body = JSON.stringify({
    id: `evt_${crypto.randomUUID()}`,
    object: 'event',
    type: 'checkout.session.completed',
    data: { object: { object: 'checkout.session', metadata: { invoice_id: invoiceId } } },
  });
  const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret });
  return { method: 'POST', body, headers: { 'content-type': 'application/json', 'stripe-signature': signature } };
}
