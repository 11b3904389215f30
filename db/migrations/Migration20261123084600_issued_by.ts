import { Migration } from '@mikro-orm/migrations';

export class Migration20261123084600_issued_by extends Migration {
  override name = 'Migration20261123084600_issued_by';

  override up(): void {
    this.addSql(`alter table "certificate" add column "issued_by" uuid null;`);
  }

  override down(): void {
    this.addSql(`alter table "certificate" drop column "issued_by";`);
  }
}
