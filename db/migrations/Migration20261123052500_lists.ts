import { Migration } from '@mikro-orm/migrations';

/** Columns of an index for each way in which a list is asked for, by table. */
const INDEXES: Record<string, string[]> = {
  certificate: ['tenant_id status created_at id', 'customer_id created_at id'],
  dns_record: ['zone_id created_at id'],
  dns_zone: ['customer_id created_at id'],
  domain: ['tenant_id status created_at id'],
  email_domain: ['customer_id created_at id'],
  instance: ['tenant_id status created_at id'],
  invoice: ['tenant_id status created_at id'],
  job: ['tenant_id status created_at id', 'tenant_id type created_at id', 'customer_id created_at id'],
  mailbox: ['customer_id created_at id', 'email_domain_id created_at id'],
  node: ['created_at id'],
  product: ['tenant_id type created_at id'],
  subscription: ['tenant_id status created_at id', 'tenant_id product_id created_at id'],
  system_event: ['type created_at id', 'level created_at id'],
  tenant: ['created_at id'],
};

const all = Object.entries(INDEXES).flatMap(([table, indexes]) =>
  indexes.map((columns) => ({ table, columns: columns.split(' ') })),
);
const nameOf = ({ table, columns }: (typeof all)[number]) => `"${table}_${columns.join('_')}_index"`;

export class Migration20261123052500_lists extends Migration {
  override name = 'Migration20261123052500_lists';

  override up(): void {
    for (const index of all)
      this.addSql(
        `create index ${nameOf(index)} on "${index.table}" (${index.columns.map((name) => `"${name}"`).join()});`,
      );
    this.addSql('create extension if not exists pg_trgm;');
    this.addSql('create index customer_words on customer using gin (name gin_trgm_ops, email gin_trgm_ops);');
    this.addSql(SEARCH);
  }

  override down(): void {
    this.addSql('drop function if exists customer_search(text, boolean, int, int, int);');
    this.addSql('drop index customer_words;');
    for (const index of all) this.addSql(`drop index ${nameOf(index)};`);
  }
}

/**
 * A page of the acting tenant's customers with a pattern in name or address, and how many there are; counting stops after
 * `enough` and the planner's guess is taken. As the owner: "like" may tell of rows by its errors, so that under a policy no
 * index may answer it, and a tenant's every row would be read. The tenant is the one that the policy goes by.
 */
const SEARCH = `
create function customer_search(pattern text, newest boolean, most int, skip int, enough int,
  out ids uuid[], out total int, out guessed boolean)
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  own uuid := nullif(current_setting('mpanel.tenant', true), '')::uuid;
  found text := format('from customer where tenant_id = %L and (name ilike %L or email ilike %L)', own, pattern, pattern);
  way text := case when newest then 'desc' else 'asc' end;
  plan json;
begin
  execute format('select array(select id %s order by created_at %s, id %s limit %s offset %s)', found, way, way, most, skip) into ids;
  execute format('select count(*) from (select %s limit %s) matching', found, enough + 1) into total;
  guessed := total > enough;
  if guessed then
    execute format('explain (format json) select %s', found) into plan;
    total := greatest(total, (plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric::int);
  end if;
end $$`;
