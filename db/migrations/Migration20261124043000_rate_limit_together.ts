import { Migration } from '@mikro-orm/migrations';

export class Migration20261124043000_rate_limit_together extends Migration {
  override name = 'Migration20261124043000_rate_limit_together';

  override up(): void {
    this.addSql(take('count(*)', 'group by wanted', 'excluded.used', 'kept.used + excluded.used'));
  }

  override down(): void {
    this.addSql(take('1', '', '1', 'kept.used + 1'));
  }
}

/** A key that comes several times is several calls. */
const take = (calls: string, grouping: string, first: string, next: string) => `
create or replace function rate_limit_take(keys text[], seconds int) returns setof rate_limit
language sql security definer set search_path = pg_catalog, public as $$
  insert into rate_limit as kept (key, used, ends_at)
  select wanted, ${calls}, now() + make_interval(secs => seconds) from unnest(keys) wanted ${grouping} order by wanted
  on conflict (key) do update set
    used = case when kept.ends_at <= now() then ${first} else ${next} end,
    ends_at = case when kept.ends_at <= now() then excluded.ends_at else kept.ends_at end
  returning kept.*
$$`;
