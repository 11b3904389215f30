import { saying } from '../launch/say.ts';
import { type Login, signIn } from './api.ts';
import { follow } from './follow.ts';
import { placeOrder } from './order.ts';
import { openCheckout, pressPay } from './pay.ts';
import type { Subject } from './proofs/proof.ts';
import type { Screen } from './screen.ts';

export interface Shop {
  /** Of the API, without /api. */
  url: string;
  admin: Login;
  screen: Screen;
  /** Ends it early. */
  signal: AbortSignal;
}

/** The main job as a client of the API: from signing in to an order that is delivered. Throws DemoFailure. */
export async function goShopping({ url, admin, screen, signal }: Shop): Promise<Pick<Subject, 'api' | 'purchase'>> {
  const during = <T>(label: string, work: Promise<T>) => saying(screen.line, label, work);
  const api = await during('Signing in', signIn(url, admin));
  screen.line(`Signed in as ${admin.email}.`);
  const purchase = await during('Ordering', placeOrder(api));
  const { customer, hostname, domain, mailbox, invoice, orderId } = purchase;
  screen.line(`Created the customer ${customer.name} <${customer.email}>.`);
  screen.line(`Ordered CloudPod Mini ${hostname}, domain ${domain}, mailbox ${mailbox.address}: order ${orderId}.`);
  const checkoutUrl = await during('Opening the payment session', openCheckout(api, purchase));
  screen.line(`Checkout for ${invoice.amount.toFixed(2)} ${invoice.currency}: ${checkoutUrl}`);
  const since = Date.now();
  await during('Paying', pressPay(checkoutUrl));
  screen.line('Pressed Pay. The order, step by step:');
  const ms = await follow({ api, jobId: purchase.jobId, since }, screen, signal);
  screen.line(`Delivered ${(ms / 1000).toFixed(1)} s after Pay was pressed.`);
  return { api, purchase };
}
