import { Migration } from '@mikro-orm/migrations';

/** Answers of VIES say when they came, by the clock that invoices go by; a UUIDv7 begins with its milliseconds. */
export class Migration20261123131600_vat_check_time extends Migration {
  override name = 'Migration20261123131600_vat_check_time';

  override up(): void {
    this.addSql(`alter table "vat_check" add "created_at" timestamptz(3) not null default clock_timestamp();`);
    this.addSql(
      `update "vat_check" set "created_at" = to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0);`,
    );
  }

  override down(): void {
    this.addSql(`alter table "vat_check" drop column "created_at";`);
  }
}
