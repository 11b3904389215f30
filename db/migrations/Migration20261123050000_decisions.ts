import { Migration } from '@mikro-orm/migrations';

export class Migration20261123050000_decisions extends Migration {
  override name = 'Migration20261123050000_decisions';

  override up(): void {
    this.addSql(`alter table "job_step" add column "decisions" jsonb null;`);
  }

  override down(): void {
    this.addSql(`alter table "job_step" drop column "decisions";`);
  }
}
