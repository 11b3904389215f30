import type { EntityManager } from '@mikro-orm/postgresql';
import { asPlatform } from '../tenant-scope.ts';
import { sql } from './rows.ts';

/**
 * Whether a guest may take capacity now: nobody waits for it who was paid (or, without an order, asked for) before, or
 * there is enough for all of them as well. Room on nodes is counted in sum: what those before cannot use, as it lies in
 * pieces too small for them, is not kept from others.
 */
export async function inTurn(em: EntityManager, instanceId: string): Promise<boolean> {
  const [row] = await asPlatform('the queue for capacity is one of all tenants', () =>
    sql<{ turn: boolean }>(
      em,
      `with before as (
       select other.* from instance other
       join job oj on oj.target_id = other.id and oj.type = 'cloudpod_provision' and oj.status in ('running', 'blocked')
       left join orders oo on oo.id = oj.order_id,
       instance mine
       join job mj on mj.target_id = mine.id and mj.type = 'cloudpod_provision'
       left join orders mo on mo.id = mj.order_id
       where mine.id = ? and other.id <> mine.id and other.vmid is null and other.status = 'pending'
         and (coalesce(oo.paid_at, oj.created_at), oj.id) < (coalesce(mo.paid_at, mj.created_at), mj.id)),
     wanted as (
       select count(*) as guests, sum(memory_mb) as memory_mb, sum(disk_gb) as disk_gb, sum(cores) as cores
       from (select * from before union all select * from instance where id = ?) all_of_them),
     room as (
       select sum(n.memory_mb - used.memory_mb) as memory_mb, sum(n.disk_gb - used.disk_gb) as disk_gb,
         sum(n.cores - used.cores) as cores
       from node n left join lateral (
         select coalesce(sum(memory_mb), 0) as memory_mb, coalesce(sum(disk_gb), 0) as disk_gb, coalesce(sum(cores), 0) as cores
         from instance i where i.node = n.name and i.status not in ('deleted', 'failed')) used on true
       where n.role = 'hypervisor' and n.status = 'online')
     select not exists (select from before) or (
       select (select count(*) from vmid_slot where instance_id is null and not "foreign" and free_from <= now()) >= wanted.guests
         and (select count(*) from ip_address where instance_id is null and family = 4 and free_from <= now()) >= wanted.guests
         and room.memory_mb >= wanted.memory_mb and room.disk_gb >= wanted.disk_gb and room.cores >= wanted.cores
       from wanted, room) as turn`,
      [instanceId, instanceId],
    ),
  );
  return row?.turn ?? false;
}
