import { processOf } from '../process.ts';
import type { Saga } from '../saga.ts';

/** Nobody can log in and mail is deferred; nothing is lost. */
export const emailSuspend: Saga = {
  type: 'email_suspend',
  forwardOnly: true,
  steps: [{ name: 'close mailboxes', do: 'followMailState' }],
};

export const emailUnsuspend: Saga = {
  type: 'email_unsuspend',
  forwardOnly: true,
  steps: [{ name: 'open mailboxes', do: 'followMailState' }],
};

export const email_suspend = processOf(emailSuspend);
export const email_unsuspend = processOf(emailUnsuspend);
