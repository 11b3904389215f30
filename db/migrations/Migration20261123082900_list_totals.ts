import { Migration } from '@mikro-orm/migrations';

/** A look at the rows is spared where what is compared, the tenant of the policies included, is in the index itself. */
const of = (column: string, rest: string) => [`${column}${rest}`, `${column} created_at id tenant_id`];

/** By table: columns of an index as they were, and as they are to be. */
const CHANGED: Record<string, string[][]> = {
  certificate: [of('customer_id', ' created_at id'), of('target_id', '')],
  dns_record: [of('zone_id', ' created_at id')],
  dns_zone: [of('customer_id', ' created_at id'), of('domain_id', '')],
  domain: [of('customer_id', ' status')],
  email_domain: [of('customer_id', ' created_at id')],
  guardian_remediation: [of('finding_id', ' created_at id')],
  instance: [of('customer_id', ' status')],
  invoice: [of('customer_id', ' created_at')],
  job: [of('customer_id', ' created_at id'), of('target_id', ''), of('parent_job_id', '')],
  mailbox: [of('customer_id', ' created_at id'), of('email_domain_id', ' created_at id')],
  product: [
    ['tenant_id created_at id', 'tenant_id created_at id status'],
    ['tenant_id type created_at id', 'tenant_id type created_at id status'],
  ],
  subscription: [of('customer_id', ' created_at')],
};

const all = Object.entries(CHANGED).flatMap(([table, changes]) =>
  changes.map(([before = '', after = '']) => ({ table, before: before.split(' '), after: after.split(' ') })),
);

/** As the ORM calls it. */
const nameOf = (table: string, columns: string[]) => `"${table}_${columns.join('_')}_index"`;
const create = (table: string, columns: string[]) =>
  `create index ${nameOf(table, columns)} on "${table}" (${columns.map((column) => `"${column}"`).join()});`;

export class Migration20261123082900_list_totals extends Migration {
  override name = 'Migration20261123082900_list_totals';

  override up(): void {
    for (const { table, before, after } of all) {
      this.addSql(create(table, after));
      this.addSql(`drop index ${nameOf(table, before)};`);
    }
    this.addSql(TOTAL);
  }

  override down(): void {
    this.addSql('drop function if exists list_total(text, int);');
    for (const { table, before, after } of all) {
      this.addSql(create(table, before));
      this.addSql(`drop index ${nameOf(table, after)};`);
    }
  }
}

/**
 * How many rows a query has: exact up to `enough`, beyond it the planner's guess. As whoever asks. Workers of its own would
 * take longer to begin than ten thousand entries of an index take to count.
 */
const TOTAL = `
create function list_total(query text, enough int) returns int
language plpgsql set max_parallel_workers_per_gather = 0 as $$
declare
  total int;
  plan json;
begin
  execute format('select count(*) from (%s limit %s) matching', query, enough + 1) into total;
  if total > enough then
    execute format('explain (format json) %s', query) into plan;
    total := greatest(total, (plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric::int);
  end if;
  return total;
end $$`;
