import type { Invariant } from './evidence.ts';

/**
 * In the customers' inboxes: as many words about the end of an order as orders ended. SMTP cannot do better than once or
 * again (RFC 5321 4.5.4.1), so what comes again under the same Message-ID is one mail.
 */
export const mails: Invariant = ({ told, outside: { mail } }) => {
  const orders = told.orders.filter(({ status }) => status === 'active' || status === 'failed');
  const due = Map.groupBy(orders, ({ customerId }) => customerId);
  const about = mail.messages.filter(({ subject }) => /^Your order (is ready|could not be delivered)$/.test(subject));
  const got = Map.groupBy(about, ({ to }) => to.join());
  return told.customers.flatMap(({ id, email }) => {
    const count = new Set((got.get(email) ?? []).map(({ messageId }) => messageId)).size;
    const wanted = due.get(id)?.length ?? 0;
    return count === wanted ? [] : [`${email} got ${count} mails about ${wanted} orders that ended`];
  });
};
