import { Migration } from '@mikro-orm/migrations';

/**
 * Left to itself the planner reads the table from its beginning for a tenant that owns most of it, as if the rows lay evenly:
 * it looks at each, and walks past all the others' where those came first.
 */
export class Migration20261123085100_count_by_index extends Migration {
  override name = 'Migration20261123085100_count_by_index';

  override up(): void {
    this.addSql('alter function list_total(text, int) set enable_seqscan = off;');
  }

  override down(): void {
    this.addSql('alter function list_total(text, int) reset enable_seqscan;');
  }
}
