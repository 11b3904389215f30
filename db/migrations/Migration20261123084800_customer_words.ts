import { Migration } from '@mikro-orm/migrations';
import { Migration20261123061100_customer_search as Before } from './Migration20261123061100_customer_search.ts';

export class Migration20261123084800_customer_words extends Migration {
  override name = 'Migration20261123084800_customer_words';

  override up(): void {
    this.addSql('drop index customer_words;');
    this.addSql(
      `alter table customer add column words text generated always as (lower(name || E'\\n' || email)) stored;`,
    );
    this.addSql('create index customer_words on customer using gin (words gin_trgm_ops);');
    this.addSql(SEARCH);
  }

  override down(): void {
    this.addSql('drop index customer_words;');
    this.addSql('alter table customer drop column words;');
    this.addSql('create index customer_words on customer using gin (name gin_trgm_ops, email gin_trgm_ops);');
    Before.prototype.up.call(this);
  }
}

/**
 * A page of the acting tenant's customers with a pattern in `words`, and how many there are; counting stops after `enough`
 * and the planner's guess is taken. As the owner: "like" may tell of rows by its errors, so that under a policy no index may
 * answer it, and a tenant's every row would be read. The tenant is the one that the policy goes by.
 *
 * What can be counted is found by the index once and then put in order. Of more than that a page is most likely among the
 * customers nearest to the end it begins at; only where it is not, since customers of one company came together, all that
 * match are put in order.
 */
const SEARCH = `
create or replace function customer_search(pattern text, newest boolean, most int, skip int, enough int,
  out ids uuid[], out total int, out guessed boolean)
language plpgsql security definer set search_path = pg_catalog, public set max_parallel_workers_per_gather = 0 as $$
declare
  own uuid := nullif(current_setting('mpanel.tenant', true), '')::uuid;
  way text := case when newest then 'desc' else 'asc' end;
  sorted text := format('order by created_at %s, id %s', way, way);
  page text := format('%s limit %s offset %s', sorted, most, skip);
  customers text := format('from customer where tenant_id = %L', own);
  alike text := format('words like %L', lower(pattern));
  found text := format('select id, created_at %s and %s', customers, alike);
  paged text := 'with matching as materialized (%s) select array(select id from matching %s), count(*) from matching';
  plan json;
begin
  execute format(paged, format('%s limit %s', found, enough + 1), page) into ids, total;
  guessed := total > enough;
  if guessed then
    execute format('select array(select id from (select * %s %s limit %s) near where %s %s)', customers, sorted, enough, alike, page)
      into ids;
    if cardinality(ids) < most then execute format(paged, found, page) into ids; end if;
    execute format('explain (format json) %s', found) into plan;
    total := greatest(total, (plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric::int);
  end if;
end $$`;
