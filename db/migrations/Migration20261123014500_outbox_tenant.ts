import { Migration } from '@mikro-orm/migrations';

/** Rows of the outbox say whose they are. Who sees what is no migration's business: db/table-access.ts. */
export class Migration20261123014500_outbox_tenant extends Migration {
  override name = 'Migration20261123014500_outbox_tenant';

  override up(): void {
    this.addSql(`alter table "outbox" add column "tenant_id" uuid null;`);
  }

  override down(): void {
    this.addSql(`alter table "outbox" drop column "tenant_id" cascade;`);
  }
}
