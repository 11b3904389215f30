import type { Effects } from './effects.ts';
import { PveError } from './error.ts';
import { assertUnlocked, hold, isRunning, type Kind, keep, lockFile } from './guest.ts';
import { setKeys } from './identity.ts';
import { type Context, flag, need, type Params, type Routes, type World } from './world.ts';

/** The guest, and its disks where they are local, on another node. */
export function move(world: World, vmid: string, target: string): void {
  const guest = world.guests.get(vmid);
  if (!guest) return;
  for (const [key, volume] of world.volumes.entries())
    if (volume.vmid === vmid && volume.node === guest.node && volume.content !== 'backup') {
      world.volumes.delete(key);
      world.volumes.set(`${target}|${volume.volid}`, { ...volume, node: target });
    }
  keep(world, { ...guest, node: target });
}

async function migrate(kind: Kind, context: Context, params: Params): Promise<string> {
  const { world, user, operation } = context;
  const guest = await hold(context, kind, params);
  const target = need(params, 'target');
  assertUnlocked(guest);
  if (!world.nodes.has(target)) throw new PveError(`no such cluster node '${target}'`);
  if (target === guest.node) throw new PveError('target is local node.', 400, { target: 'target is local node.' });
  if (isRunning(guest) && kind === 'lxc' && !flag(params, 'restart'))
    throw new PveError(`can't migrate running container without --online or --restart`);
  if (isRunning(guest) && kind === 'qemu' && !flag(params, 'online'))
    throw new PveError(`can't migrate running VM without --online`);
  keep(world, setKeys(guest, { lock: 'migrate' }));
  return world.tasks.start({
    node: guest.node,
    type: kind === 'lxc' ? 'vzmigrate' : 'qmigrate',
    id: guest.vmid,
    user,
    operation,
    lasts: 4000,
    lock: { file: lockFile(kind, guest.vmid), patience: 10_000 },
    work: { verb: 'migrate', args: { vmid: guest.vmid, target } },
  });
}

function unlock(world: World, vmid: string): void {
  const guest = world.guests.get(vmid);
  if (guest) keep(world, setKeys(guest, { lock: null }));
}

export const migrateEffects: Effects = {
  migrate: {
    done(world, { vmid = '', target = '' }) {
      unlock(world, vmid);
      move(world, vmid, target);
    },
    undone: (world, { vmid = '' }) => unlock(world, vmid),
  },
};

export const migrateRoutes: Routes = {
  'POST /nodes/{node}/lxc/{vmid}/migrate': (context, params) => migrate('lxc', context, params),
  'POST /nodes/{node}/qemu/{vmid}/migrate': (context, params) => migrate('qemu', context, params),
};
