import { Migration } from '@mikro-orm/migrations';

export class Migration20261123020000_late_answers extends Migration {
  override name = 'Migration20261123020000_late_answers';

  override up(): void {
    this.addSql(`alter table "domain" add column "pending_at" timestamptz(3) null;`);
    this.addSql(`alter table "notification" add column "refusal" text null;`);
  }

  override down(): void {
    this.addSql(`alter table "domain" drop column "pending_at";`);
    this.addSql(`alter table "notification" drop column "refusal";`);
  }
}
