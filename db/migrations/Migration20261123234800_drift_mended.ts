import { Migration } from '@mikro-orm/migrations';

/** What was begun to be mended is told from what went away by itself, though the answer was lost. */
export class Migration20261123234800_drift_mended extends Migration {
  override name = 'Migration20261123234800_drift_mended';

  override up(): void {
    this.addSql('alter table "drift_finding" add column "mended_at" timestamptz(3) null;');
  }

  override down(): void {
    this.addSql('alter table "drift_finding" drop column "mended_at";');
  }
}
