import { surplus } from './duplicates.ts';
import type { Invariant } from './evidence.ts';

/** At the mail host: the domains and mailboxes that the platform has, no others. */
export const mailboxes: Invariant = ({
  told,
  outside: {
    mail: { directory },
  },
}) => {
  const domains = told.mailDomains.filter(({ status }) => status === 'active');
  const names = new Map(domains.map(({ id, domain }) => [id, domain]));
  const boxes = told.mailboxes
    .filter(({ status }) => status === 'active')
    .map(({ localPart, emailDomainId }) => `${localPart}@${names.get(emailDomainId)}`);
  const known = [...names.values()];
  return [
    ...surplus(directory.domains, known).map((name) => `mail domain ${name} is nobody's`),
    ...surplus(known, directory.domains).map((name) => `mail domain ${name} is not at the mail host`),
    ...surplus(directory.addresses, boxes).map((address) => `mailbox ${address} is nobody's`),
    ...surplus(boxes, directory.addresses).map((address) => `mailbox ${address} is not at the mail host`),
  ];
};
