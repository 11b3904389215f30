import { Migration } from '@mikro-orm/migrations';

export class Migration20261123052000_rate_limit extends Migration {
  override name = 'Migration20261123052000_rate_limit';

  override up(): void {
    // Unlogged: a count that a crash forgets is begun anew, and none waits for the disk.
    this.addSql(
      `create unlogged table "rate_limit" ("key" text not null, "used" int not null, "ends_at" timestamptz(3) not null, primary key ("key")) with (fillfactor = 50);`,
    );
    this.addSql(`create index "rate_limit_ends_at_index" on "rate_limit" ("ends_at");`);
    this.addSql(TAKE);
  }

  override down(): void {
    this.addSql(`drop function if exists rate_limit_take(text[], int);`);
    this.addSql(`drop table if exists "rate_limit" cascade;`);
  }
}

/** As the owner: whoever is counted sees no row of it. In one order, so that two calls never wait for each other. */
const TAKE = `
create function rate_limit_take(keys text[], seconds int) returns setof rate_limit
language sql security definer set search_path = pg_catalog, public as $$
  insert into rate_limit as kept (key, used, ends_at)
  select wanted, 1, now() + make_interval(secs => seconds) from unnest(keys) wanted order by wanted
  on conflict (key) do update set
    used = case when kept.ends_at <= now() then 1 else kept.used + 1 end,
    ends_at = case when kept.ends_at <= now() then excluded.ends_at else kept.ends_at end
  returning kept.*
$$`;
