import { Migration } from '@mikro-orm/migrations';

/** The address that an add-on bought is found by the order item. */
export class Migration20261123173500_address_of_item extends Migration {
  override name = 'Migration20261123173500_address_of_item';

  override up(): void {
    this.addSql('create index "ip_address_order_item_id_index" on "ip_address" ("order_item_id");');
  }

  override down(): void {
    this.addSql('drop index "ip_address_order_item_id_index";');
  }
}
