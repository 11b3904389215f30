import { processOf } from '../process.ts';
import type { Saga } from '../saga.ts';

export const emailAttach: Saga = {
  type: 'email_attach',
  steps: [
    { name: 'claim domain', do: 'claimEmail', undo: 'failEmail' },
    { name: 'create mail domain', do: 'ensureMailDomain', undo: 'deleteMailDomain' },
    { name: 'create mailboxes', do: 'ensureMailboxes', undo: 'deleteMailboxes' },
    { name: 'publish DNS', do: 'publishMailRecords', undo: 'withdrawMailRecords' },
    { name: 'activate', do: 'activateEmail' },
  ],
};

/** Mail stops coming before there is nobody to take it. */
export const emailDetach: Saga = {
  type: 'email_detach',
  forwardOnly: true,
  steps: [
    { name: 'withdraw DNS', do: 'withdrawMailRecords' },
    { name: 'delete mailboxes', do: 'deleteMailboxes' },
    { name: 'delete mail domain', do: 'deleteMailDomain' },
    { name: 'mark deleted', do: 'markEmailDeleted' },
  ],
};

export const mailboxCreate: Saga = {
  type: 'mailbox_create',
  steps: [{ name: 'create mailbox', do: 'ensureMailbox', undo: 'deleteMailbox' }],
};

export const mailboxUpdate: Saga = {
  type: 'mailbox_update',
  forwardOnly: true,
  steps: [{ name: 'update mailbox', do: 'ensureMailbox' }],
};

export const mailboxDelete: Saga = {
  type: 'mailbox_delete',
  forwardOnly: true,
  steps: [
    { name: 'delete mailbox', do: 'deleteMailbox' },
    { name: 'mark deleted', do: 'markMailboxDeleted' },
  ],
};

export const email_attach = processOf(emailAttach);
export const email_detach = processOf(emailDetach);
export const mailbox_create = processOf(mailboxCreate);
export const mailbox_update = processOf(mailboxUpdate);
export const mailbox_delete = processOf(mailboxDelete);
