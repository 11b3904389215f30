import { processOf } from '../process.ts';
import type { Saga } from '../saga.ts';

/** Asks VIES about a customer's VAT number until it answers, and gives back the tax that was charged meanwhile. */
export const vatCheck: Saga = {
  type: 'vat_check',
  forwardOnly: true,
  steps: [
    { name: 'check VAT number', do: 'checkVatNumber' },
    { name: 'credit tax', do: 'creditTax' },
    { name: 'send mails', do: 'sendCreditMails' },
  ],
};

export const vat_check = processOf(vatCheck);
