import { Migration } from '@mikro-orm/migrations';

export class Migration20261123045300_credit_notes extends Migration {
  override name = 'Migration20261123045300_credit_notes';

  override up(): void {
    this.addSql(`alter table "refund" add "tax" bigint not null default '0';`);
    this.addSql(`create index "payment_invoice_id_index" on "payment" ("invoice_id");`);
  }

  override down(): void {
    this.addSql(`drop index "payment_invoice_id_index";`);
    this.addSql(`alter table "refund" drop column "tax";`);
  }
}
