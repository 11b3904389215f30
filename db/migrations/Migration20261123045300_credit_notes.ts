import { Migration } from '@mikro-orm/migrations';

export class Migration20261123045300_credit_notes extends Migration {
  override name = 'Migration20261123045300_credit_notes';

  override up(): void {
    this.addSql(`alter table "refund" add "tax" bigint not null default '0';`);
  }

  override down(): void {
    this.addSql(`alter table "refund" drop column "tax";`);
  }
}
