import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from './rows.ts';

/** What the platform sells from, in sums. `resting`: released, and not to be handed out again yet. */
export type Fill = { total: number; free: number; held: number; resting: number };

const FILL = `count(*)::int as total, count(*) filter (where instance_id is not null)::int as held`;
const FREE = `instance_id is null and free_from <= now()`;
const RESTING = `instance_id is null and free_from > now()`;

/** Address pools, one for each gateway. */
export function addressFill(em: EntityManager): Promise<({ network: string; gateway: string } & Fill)[]> {
  return sql(
    em,
    `select network(set_masklen(address, prefix_length))::text as network, gateway, ${FILL},
       count(*) filter (where ${FREE})::int as free, count(*) filter (where ${RESTING})::int as resting
     from ip_address group by 1, 2 order by min(address)`,
  );
}

/** Unbroken ranges of VMIDs. `foreign`: guests that are not ours sit on them. */
export function vmidFill(em: EntityManager): Promise<({ from: number; to: number; foreign: number } & Fill)[]> {
  return sql(
    em,
    `select min(vmid) as from, max(vmid) as to, ${FILL}, count(*) filter (where "foreign")::int as "foreign",
       count(*) filter (where ${FREE} and not "foreign")::int as free,
       count(*) filter (where ${RESTING} and not "foreign")::int as resting
     from (select *, vmid - row_number() over (order by vmid) as island from vmid_slot) slots
     group by island order by 1`,
  );
}

export interface NodeFill {
  name: string;
  role: string;
  status: string;
  ip: string;
  /** ISO 8601. */
  heartbeat: string | null;
  guests: number;
  coresUsed: number;
  cores: number;
  memoryUsedMb: number;
  memoryMb: number;
  diskUsedGb: number;
  diskGb: number;
}

/** Nodes with what is held of them, as placing a guest counts it. */
export function nodeFill(em: EntityManager): Promise<NodeFill[]> {
  return sql(
    em,
    `select n.name, n.role, n.status, n.ip, to_char(n.last_heartbeat_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as heartbeat, count(i.id)::int as guests,
       coalesce(sum(i.cores), 0)::int as "coresUsed", n.cores, coalesce(sum(i.memory_mb), 0)::float as "memoryUsedMb",
       n.memory_mb as "memoryMb", coalesce(sum(i.disk_gb), 0)::float as "diskUsedGb", n.disk_gb as "diskGb"
     from node n left join instance i on i.node = n.name and i.status not in ('deleted', 'failed')
     group by n.id order by n.role, n.name`,
  );
}

/** Adds addresses that no pool has, and answers how many those are. */
export async function addAddresses(
  em: EntityManager,
  range: { addresses: string[]; family: 4 | 6; prefixLength: number; gateway: string },
): Promise<number> {
  const added = await sql(
    em,
    `insert into ip_address (address, family, prefix_length, gateway)
     select address::inet, ?, ?, ? from json_array_elements_text(?::json) as new (address) on conflict do nothing returning 1`,
    [range.family, range.prefixLength, range.gateway, JSON.stringify(range.addresses)],
  );
  return added.length;
}

/** Adds VMIDs that the pool does not have, and answers how many those are. */
export async function addVmids(em: EntityManager, from: number, to: number): Promise<number> {
  const added = await sql(
    em,
    'insert into vmid_slot (vmid) select * from generate_series(?::int, ?::int) on conflict do nothing returning 1',
    [from, to],
  );
  return added.length;
}

/** The first VMID template that lies in a range. */
export async function templateWithin(em: EntityManager, from: number, to: number): Promise<string | undefined> {
  const [row] = await sql<{ name: string }>(
    em,
    `select name || ' (' || vmid || ')' as name from image where vmid between ? and ? order by vmid limit 1`,
    [from, to],
  );
  return row?.name;
}
