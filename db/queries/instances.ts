import type { EntityManager } from '@mikro-orm/postgresql';

/** How many guests wait for capacity and were paid (or, without an order, asked for) before this one. */
export async function waitingBefore(em: EntityManager, instanceId: string): Promise<number> {
  const [row] = await em.getConnection().execute<{ count: number }[]>(
    `select count(*)::int as count from instance other
     join job oj on oj.target_id = other.id and oj.type = 'cloudpod_provision' and oj.status in ('running', 'blocked')
     left join orders oo on oo.id = oj.order_id,
     instance mine
     join job mj on mj.target_id = mine.id and mj.type = 'cloudpod_provision'
     left join orders mo on mo.id = mj.order_id
     where mine.id = ? and other.id <> mine.id and other.vmid is null and other.status = 'pending'
       and (coalesce(oo.paid_at, oj.created_at), oj.id) < (coalesce(mo.paid_at, mj.created_at), mj.id)`,
    [instanceId],
    'all',
    em.getTransactionContext(),
  );
  return row?.count ?? 0;
}
