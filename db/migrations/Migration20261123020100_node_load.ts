import { Migration } from '@mikro-orm/migrations';

export class Migration20261123020100_node_load extends Migration {
  override name = 'Migration20261123020100_node_load';

  override up(): void {
    this.addSql(
      `alter table "node" add "cpu_usage" real null, add "memory_used_mb" int null, add "uptime_seconds" int null;`,
    );
  }

  override down(): void {
    this.addSql(
      `alter table "node" drop column "cpu_usage", drop column "memory_used_mb", drop column "uptime_seconds";`,
    );
  }
}
