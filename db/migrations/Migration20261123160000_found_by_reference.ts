import { Migration } from '@mikro-orm/migrations';

const REFERENCES: [table: string, column: string][] = [
  ['checkout_session', 'invoice_id'],
  ['coupon_use', 'customer_id'],
  ['email_domain', 'domain_id'],
  ['email_domain', 'zone_id'],
  ['instance', 'subscription_id'],
  ['job', 'order_id'],
  ['oidc_session', 'user_id'],
  ['oidc_ticket', 'user_id'],
  ['order_item', 'product_id'],
  ['refresh_token', 'user_id'],
  ['users', 'customer_id'],
];

/** Rows that are found by what they refer to, and the room of a node, read from an index alone. */
export class Migration20261123160000_found_by_reference extends Migration {
  override name = 'Migration20261123160000_found_by_reference';

  override up(): void {
    for (const [table, column] of REFERENCES)
      this.addSql(`create index "${table}_${column}_index" on "${table}" ("${column}");`);
    this.addSql('drop index "instance_node_status_index";');
    this.addSql(
      `create index instance_room on instance (node) include (memory_mb, disk_gb, cores) where status not in ('deleted', 'failed');`,
    );
  }

  override down(): void {
    this.addSql('drop index instance_room;');
    this.addSql('create index "instance_node_status_index" on "instance" ("node", "status");');
    for (const [table, column] of REFERENCES) this.addSql(`drop index "${table}_${column}_index";`);
  }
}
