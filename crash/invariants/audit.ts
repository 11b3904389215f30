import type { Evidence, Invariant, Told } from './evidence.ts';

type Event = Told['audit'][number];
type Columns = Record<string, unknown>;
/** What the API says of a row, and what the log must lead to. */
type Row = { id: string } & Columns;

/** Columns that the log and the API write in the same way. */
const COMPARED = ['status', 'content'] as const;

/** Who changed what can be read: no event is missing in a tenant's chain, and its changes lead to what the API tells. */
export const audit: Invariant = ({ told }) => [
  ...[...Map.groupBy(told.audit, ({ tenantId }) => tenantId)].flatMap(([tenant, events]) => breaks(tenant, events)),
  ...unlogged(told),
];

/** The first place at which a chain breaks; what follows from it is not told again. */
function breaks(tenant: string, events: readonly Event[]): string[] {
  const chain = events.toSorted((one, other) => one.seq - other.seq);
  const at = chain.findIndex(({ seq, prevHash }, n) => seq !== n + 1 || prevHash !== (chain[n - 1]?.hash ?? ''));
  return at < 0 ? [] : [`audit log of ${tenant}: event ${chain[at]?.seq} does not follow event ${at}`];
}

function unlogged(told: Told): string[] {
  const logged = replay(told.audit);
  return Object.entries(audited(told)).flatMap(([type, rows]) =>
    rows.flatMap((row) => difference(`${type} ${row.id}`, row, logged.get(`${type} ${row.id}`))),
  );
}

function difference(name: string, told: Row, logged: Columns | undefined): string[] {
  if (!logged) return [`${name} is in no audit log`];
  return COMPARED.filter((column) => column in told && told[column] !== logged[column]).map(
    (column) => `${name}: ${column} is ${told[column]}, by the audit log ${logged[column]}`,
  );
}

/** The rows as the changes leave them; without those that were deleted. */
function replay(events: readonly Event[]): Map<string, Columns> {
  const rows = new Map<string, Columns>();
  for (const { resourceType, resourceId, before, after } of events.toSorted((one, other) => one.seq - other.seq)) {
    const name = `${resourceType} ${resourceId}`;
    if (after) rows.set(name, { ...rows.get(name), ...after });
    else if (before) rows.delete(name);
  }
  return rows;
}

/** By the names that the log has for them. */
const audited = (told: Evidence['told']) =>
  ({
    order: told.orders,
    order_item: told.orders.flatMap(({ items }) => items),
    invoice: told.invoices,
    subscription: told.subscriptions,
    cloudpod: told.pods,
    domain: told.domains,
    dns_zone: told.zones,
    dns_record: told.zones.flatMap(({ records }) => records),
    email_domain: told.mailDomains,
    mailbox: told.mailboxes,
    certificate: told.certificates,
    customer: told.customers,
  }) satisfies Record<string, readonly Row[]>;
