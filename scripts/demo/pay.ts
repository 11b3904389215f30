import type { Api } from './api.ts';
import { DemoFailure } from './failure.ts';
import type { Purchase } from './order.ts';

const SUCCESS_URL = 'http://shop.test/thanks';

/** POST /api/payments/session; the address of the checkout page. */
export async function openCheckout(api: Api, { invoice }: Purchase): Promise<string> {
  const wish = { invoiceId: invoice.id, successUrl: SUCCESS_URL, cancelUrl: 'http://shop.test/cart' };
  return (await api.post<{ checkoutUrl: string }>('/payments/session', wish)).checkoutUrl;
}

/** Looks at the checkout page and presses its Pay button, as a browser does. */
export async function pressPay(checkoutUrl: string): Promise<void> {
  const page = await (await fetch(checkoutUrl)).text();
  const action = /<form method="post" action="([^"]+\/pay)"/.exec(page)?.[1];
  if (!action) throw new DemoFailure(`${checkoutUrl} shows no button to pay with`);
  const answer = await fetch(new URL(action, checkoutUrl), { method: 'POST', redirect: 'manual' });
  const to = answer.headers.get('location');
  if (answer.status !== 303 || to !== SUCCESS_URL)
    throw new DemoFailure(`Paying did not work: ${answer.status}, on to ${to ?? 'nowhere'}`);
}
