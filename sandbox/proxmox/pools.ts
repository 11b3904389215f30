import { splitList } from './check.ts';
import { PveError } from './error.ts';
import type { Pool } from './things.ts';
import { flag, type Handler, need, type Routes, str, type World } from './world.ts';

export function addToPool(world: World, poolid: string | undefined, vmid: string): void {
  if (!poolid) return;
  const pool = findPool(world, poolid);
  world.pools.set(poolid, { ...pool, members: [...new Set([...pool.members, vmid])] });
}

export function leavePools(world: World, vmid: string): void {
  for (const pool of world.pools.values())
    if (pool.members.includes(vmid))
      world.pools.set(pool.poolid, { ...pool, members: pool.members.filter((m) => m !== vmid) });
}

export const poolOf = (world: World, vmid: string) =>
  world.pools.values().find((pool) => pool.members.includes(vmid))?.poolid;

function findPool(world: World, poolid: string): Pool {
  const pool = world.pools.get(poolid);
  if (!pool) throw new PveError(`pool '${poolid}' does not exist`);
  return pool;
}

function members({ world }: { world: World }, pool: Pool) {
  const guests = pool.members.flatMap((vmid) => world.guests.get(vmid) ?? []);
  return guests.map(({ vmid, kind, node }) => ({ id: `${kind}/${vmid}`, vmid: Number(vmid), type: kind, node }));
}

const list: Handler = (context, params) => {
  const poolid = str(params, 'poolid');
  if (!poolid)
    return context.world.pools
      .values()
      .map(({ poolid: id, comment }) => ({ poolid: id, ...(comment ? { comment } : {}) }));
  const pool = findPool(context.world, poolid);
  return [{ poolid, ...(pool.comment ? { comment: pool.comment } : {}), members: members(context, pool) }];
};

const create: Handler = ({ world }, params) => {
  const poolid = need(params, 'poolid');
  if (world.pools.has(poolid)) throw new PveError(`pool '${poolid}' already exists`);
  world.pools.set(poolid, { poolid, comment: str(params, 'comment') ?? '', members: [], storages: [] });
  return null;
};

const update: Handler = ({ world }, params) => {
  const pool = findPool(world, need(params, 'poolid'));
  const wanted = splitList(str(params, 'vms') ?? '');
  const remaining = pool.members.filter((vmid) => !wanted.includes(vmid));
  for (const vmid of wanted) admit(world, pool, vmid, flag(params, 'delete'), flag(params, 'allow-move'));
  const comment = str(params, 'comment');
  world.pools.set(pool.poolid, {
    ...pool,
    members: flag(params, 'delete') ? remaining : [...remaining, ...wanted],
    ...(comment === undefined ? {} : { comment }),
  });
  return null;
};

function admit(world: World, pool: Pool, vmid: string, leaving: boolean, move: boolean): void {
  const current = poolOf(world, vmid);
  if (leaving && current !== pool.poolid) throw new PveError(`VM ${vmid} is not a pool member`);
  if (leaving) return;
  if (!world.guests.has(vmid)) throw new PveError(`VM ${vmid} does not exist`);
  if (current === pool.poolid) throw new PveError(`VM ${vmid} is already a pool member`);
  if (current && !move)
    throw new PveError(`VM ${vmid} belongs already to pool '${current}' and 'allow-move' is not set`);
  if (current) leavePools(world, vmid);
}

const remove: Handler = ({ world }, params) => {
  const pool = findPool(world, need(params, 'poolid'));
  if (members({ world }, pool).length) throw new PveError(`pool '${pool.poolid}' is not empty (contains VMs)`);
  world.pools.delete(pool.poolid);
  return null;
};

export const poolRoutes: Routes = {
  'GET /pools': list,
  'GET /pools/{poolid}': (context, params) => (list(context, params) as unknown[])[0],
  'POST /pools': create,
  'PUT /pools': update,
  'PUT /pools/{poolid}': update,
  'DELETE /pools': remove,
  'DELETE /pools/{poolid}': remove,
};
