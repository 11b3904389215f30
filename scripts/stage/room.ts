import { withClient } from '../launch/database.ts';

/** Past the VMIDs and addresses of the demo's pools. */
const FIRST_VMID = 22_000;
const FIRST_ADDRESS = '127.64.10.0';

/** Widens the demo's pools and nodes until so many more guests find room. */
export async function addRoom(url: string, guests: number): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('insert into vmid_slot (vmid) select $1::int + n from generate_series(0, $2::int - 1) n', [
      FIRST_VMID,
      guests,
    ]);
    await client.query(
      `insert into ip_address (address, family, prefix_length, gateway)
       select $1::inet + n, 4, 16, '127.64.0.1' from generate_series(0, $2::int - 1) n`,
      [FIRST_ADDRESS, guests],
    );
    const size = 'cores = cores + $1 * 2, memory_mb = memory_mb + $1 * 2048, disk_gb = disk_gb + $1 * 40';
    await client.query(`update node set ${size} where role = 'hypervisor'`, [guests]);
  });
}
