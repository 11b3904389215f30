import { freeDisks } from './disks.ts';
import type { Effects } from './effects.ts';
import { PveError } from './error.ts';
import {
  assertUnlocked,
  assertUnprotected,
  type Guest,
  hold,
  isRunning,
  type Kind,
  keep,
  lockFile,
  short,
} from './guest.ts';
import { setKeys } from './identity.ts';
import { leavePools } from './pools.ts';
import { type Context, flag, type Params, type Routes, type World } from './world.ts';

async function destroy(kind: Kind, context: Context, params: Params): Promise<string> {
  const { world, user, operation } = context;
  const guest = await hold(context, kind, params);
  const name = `${short(kind)} ${guest.vmid}`;
  assertUnprotected(guest, `can't remove ${name}`);
  if (world.ha.has(haId(kind, guest.vmid)) && !flag(params, 'purge'))
    throw new PveError(`unable to remove ${name} - used in HA resources and purge parameter not set.`);
  const fails = locked(guest);
  if (isRunning(guest) && kind === 'qemu') throw new PveError(`${name} is running - destroy failed`);
  if (isRunning(guest) && !flag(params, 'force'))
    throw new PveError(`unable to destroy ${name} - container is running`);
  if (!fails) keep(world, setKeys(guest, { lock: 'destroyed' }));
  return world.tasks.start({
    node: guest.node,
    type: kind === 'lxc' ? 'vzdestroy' : 'qmdestroy',
    id: guest.vmid,
    user,
    operation,
    lasts: 1000,
    fails,
    lock: { file: lockFile(kind, guest.vmid), patience: 10_000 },
    work: {
      verb: 'destroy',
      args: { vmid: guest.vmid, purge: flag(params, 'purge') ? '1' : '', mine: fails ? '' : '1' },
    },
  });
}

/** A container's lock is looked at by the call, a VM's by the worker. */
function locked(guest: Guest): string | undefined {
  const { lock } = guest.config;
  if (!lock || lock === 'destroyed') return undefined;
  if (guest.kind === 'lxc') assertUnlocked(guest);
  return `VM is locked (${lock})`;
}

export const haId = (kind: Kind, vmid: string) => `${kind === 'lxc' ? 'ct' : 'vm'}:${vmid}`;

/** The guest and what belongs to it, its firewall and pool membership included; backups stay. */
export function remove(world: World, vmid: string, purge: boolean): void {
  const guest = world.guests.get(vmid);
  if (!guest) return;
  freeDisks(world, vmid);
  leavePools(world, vmid);
  world.guests.delete(vmid);
  world.stirred.add(vmid);
  if (!purge) return;
  world.ha.delete(haId(guest.kind, vmid));
  for (const job of world.jobs.values()) {
    const rest = (job.vmid ?? '').split(',').filter((id) => id !== vmid);
    if (job.vmid?.split(',').includes(vmid)) world.jobs.set(job.id, { ...job, vmid: rest.join(',') });
  }
}

export const destroyEffects: Effects = {
  destroy: {
    done: (world, { vmid = '', purge }) => remove(world, vmid, purge === '1'),
    undone(world, { vmid = '', mine }) {
      const guest = world.guests.get(vmid);
      if (guest && mine) keep(world, setKeys(guest, { lock: null }));
    },
  },
};

export const destroyRoutes: Routes = {
  'DELETE /nodes/{node}/lxc/{vmid}': (context, params) => destroy('lxc', context, params),
  'DELETE /nodes/{node}/qemu/{vmid}': (context, params) => destroy('qemu', context, params),
};
