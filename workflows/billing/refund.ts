import { processOf } from '../process.ts';
import type { Saga } from '../saga.ts';

/** All that is left of an invoice's money goes back. */
export const invoiceRefund: Saga = {
  type: 'invoice_refund',
  forwardOnly: true,
  steps: [
    { name: 'refund', do: 'refundInvoice' },
    { name: 'send mails', do: 'sendRefundMails' },
  ],
};

export const invoice_refund = processOf(invoiceRefund);
