import { Migration } from '@mikro-orm/migrations';

export class Migration20261123083000_undoing extends Migration {
  override name = 'Migration20261123083000_undoing';

  override up(): void {
    this.addSql(`alter table "job" add column "undoing" text null;`);
  }

  override down(): void {
    this.addSql(`alter table "job" drop column "undoing";`);
  }
}
