import { processOf } from '../process.ts';
import type { Saga } from '../saga.ts';

/** Asks for the next period's money. */
export const subscriptionRenew: Saga = {
  type: 'subscription_renew',
  forwardOnly: true,
  steps: [
    { name: 'make invoice', do: 'makeRenewalInvoice' },
    { name: 'send mail', do: 'sendRenewalMail' },
  ],
};

/** Past its due date and the grace after it. What was paid meanwhile is seen first. */
export const subscriptionSuspend: Saga = {
  type: 'subscription_suspend',
  forwardOnly: true,
  steps: [
    { name: 'look for payment', do: 'lookForRenewalPayment' },
    { name: 'suspend service', do: 'suspendUnpaid' },
    { name: 'send mail', do: 'sendRenewalMail' },
  ],
};

/** Suspended for long. From the first step on nothing can be paid any more; the second hands over to subscription_cancel. */
export const subscriptionLapse: Saga = {
  type: 'subscription_lapse',
  forwardOnly: true,
  steps: [
    { name: 'close invoice', do: 'closeRenewal' },
    { name: 'cancel subscription', do: 'cancelUnpaid' },
    { name: 'send mail', do: 'sendRenewalMail' },
  ],
};

export const subscription_renew = processOf(subscriptionRenew);
export const subscription_suspend = processOf(subscriptionSuspend);
export const subscription_lapse = processOf(subscriptionLapse);
