import { Migration } from '@mikro-orm/migrations';

/** Valid VAT numbers are looked at by their age. */
export class Migration20261123121000_vat_age extends Migration {
  override name = 'Migration20261123121000_vat_age';

  override up(): void {
    this.addSql(`create index customer_vat on customer (id) where vat_status = 'valid';`);
  }

  override down(): void {
    this.addSql('drop index customer_vat;');
  }
}
