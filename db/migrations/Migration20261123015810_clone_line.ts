import { Migration } from '@mikro-orm/migrations';

export class Migration20261123015810_clone_line extends Migration {
  override name = 'Migration20261123015810_clone_line';

  override up(): void {
    this.addSql(
      `create table "clone_line" ("name" text not null, "line" jsonb not null default '[]', primary key ("name"));`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "clone_line" cascade;`);
  }
}
