import { Migration } from '@mikro-orm/migrations';

/**
 * What is free is found past nothing that is taken, however much of a pool is: in the order of their numbers the planner
 * takes the free ones to lie evenly, and walks past all that were taken first.
 */
export class Migration20261123161500_capacity_by_index extends Migration {
  override name = 'Migration20261123161500_capacity_by_index';

  override up(): void {
    this.addSql('drop index vmid_slot_free;');
    this.addSql(
      'create index vmid_slot_free on vmid_slot (free_from, vmid) where instance_id is null and not "foreign";',
    );
    this.addSql('drop index ip_address_free;');
    this.addSql('create index ip_address_free on ip_address (family, free_from, address) where instance_id is null;');
    this.addSql(`create index instance_waiting on instance (id) where vmid is null and status = 'pending';`);
  }

  override down(): void {
    this.addSql('drop index instance_waiting;');
    this.addSql('drop index ip_address_free;');
    this.addSql('create index ip_address_free on ip_address (family, address) where instance_id is null;');
    this.addSql('drop index vmid_slot_free;');
    this.addSql('create index vmid_slot_free on vmid_slot (vmid) where instance_id is null;');
  }
}
