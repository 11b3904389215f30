import { DISK } from './disks.ts';
import type { Effects } from './effects.ts';
import { PveError } from './error.ts';
import {
  assertUnlocked,
  digest,
  findGuest,
  type Guest,
  hold,
  isRunning,
  type Kind,
  keep,
  lockFile,
  type Snapshot,
} from './guest.ts';
import { setKeys } from './identity.ts';
import { showConfig } from './options.ts';
import { boot, halt } from './power.ts';
import { type Context, flag, need, type Params, type Routes, seconds, str, type World } from './world.ts';

const RESERVED = new Set(['current', 'vzdump', 'pending']);

function list(kind: Kind, { world }: Context, params: Params) {
  const guest = findGuest(world, kind, params);
  const parent = guest.config.parent;
  const taken = Object.entries(guest.snapshots).map(([name, { description, snaptime, parent: before, vmstate }]) => ({
    name,
    description,
    snaptime,
    ...(before ? { parent: before } : {}),
    ...(kind === 'qemu' ? { vmstate: vmstate ? 1 : 0 } : {}),
  }));
  const current = {
    name: 'current',
    description: 'You are here!',
    digest: digest(guest),
    running: isRunning(guest) ? 1 : 0,
  };
  return [...taken, { ...current, ...(parent ? { parent } : {}) }];
}

type Verb = 'snapshot' | 'delsnapshot' | 'rollback';
const LOCKS: Record<Verb, string> = { snapshot: 'snapshot', delsnapshot: 'snapshot-delete', rollback: 'rollback' };

async function submit(kind: Kind, verb: Verb, context: Context, params: Params): Promise<string> {
  const { world, user, operation } = context;
  const name = need(params, 'snapname');
  if (RESERVED.has(name)) throw new PveError(`unable to use snapshot name '${name}' (reserved name)`);
  const guest = await hold(context, kind, params);
  const fails = foresee(world, guest, verb, name);
  if (!fails) keep(world, setKeys(guest, { lock: LOCKS[verb] }));
  return world.tasks.start({
    node: guest.node,
    type: `${kind === 'lxc' ? 'vz' : 'qm'}${verb}`,
    id: guest.vmid,
    user,
    operation,
    lasts: 1500,
    lock: { file: lockFile(kind, guest.vmid), patience: 10_000 },
    fails,
    work: {
      verb,
      args: {
        vmid: guest.vmid,
        name,
        description: str(params, 'description') ?? '',
        ...(flag(params, 'vmstate') ? { vmstate: '1' } : {}),
        ...(flag(params, 'start') ? { start: '1' } : {}),
        ...(fails ? {} : { locked: '1' }),
      },
    },
  });
}

/** What the task will die of: PVE looks at these only in the worker. */
function foresee(world: World, guest: Guest, verb: Verb, name: string): string | undefined {
  try {
    assertUnlocked(guest);
  } catch (error) {
    return (error as Error).message;
  }
  if (verb === 'snapshot' && guest.snapshots[name]) return `snapshot name '${name}' already used`;
  if (verb !== 'snapshot' && !guest.snapshots[name]) return `snapshot '${name}' does not exist`;
  const disks = Object.entries(guest.config).filter(([key, value]) => DISK.test(key) && !value.includes('cloudinit'));
  for (const [, value] of disks) {
    const storage = world.storages.get(String(value.split(':')[0]));
    if (verb === 'snapshot' && !storage?.snapshots) return 'snapshot feature is not available';
    if (verb === 'rollback' && storage?.type === 'zfspool' && guest.config.parent !== name)
      return `can't rollback, '${name}' is not most recent snapshot on '${value.split(',')[0]}'`;
  }
  return undefined;
}

function locked(
  world: World,
  vmid: string,
  name: string,
  change: (guest: Guest, snapshot: Snapshot | undefined) => Guest,
): void {
  const guest = world.guests.get(vmid);
  if (!guest) throw new Error(`Configuration file for ${vmid} does not exist`);
  const free = setKeys(guest, { lock: null });
  keep(world, change(free, guest.snapshots[name]));
}

function unlock(world: World, { vmid = '', locked: mine }: Record<string, string>): void {
  const guest = world.guests.get(vmid);
  if (guest && mine) keep(world, setKeys(guest, { lock: null }));
}

export const snapshotEffects: Effects = {
  snapshot: {
    done: (world, { vmid = '', name = '', description = '', vmstate }) =>
      locked(world, vmid, name, (guest) => {
        const { parent, ...config } = guest.config;
        const taken = {
          description,
          snaptime: seconds(Date.now()),
          vmstate: vmstate === '1',
          config,
          ...(parent ? { parent } : {}),
        };
        return setKeys({ ...guest, snapshots: { ...guest.snapshots, [name]: taken } }, { parent: name });
      }),
    undone: unlock,
  },
  delsnapshot: {
    done: (world, { vmid = '', name = '' }) =>
      locked(world, vmid, name, (guest, gone) => {
        const { [name]: _gone, ...rest } = guest.snapshots;
        const heir = gone?.parent;
        const adopted = Object.entries(rest).map(([key, snapshot]) => {
          const { parent, ...orphan } = snapshot;
          return [key, parent !== name ? snapshot : { ...orphan, ...(heir ? { parent: heir } : {}) }];
        });
        const parent = guest.config.parent === name ? { parent: heir ?? null } : {};
        return setKeys({ ...guest, snapshots: Object.fromEntries(adopted) as Guest['snapshots'] }, parent);
      }),
    undone: unlock,
  },
  rollback: {
    done: (world, { vmid = '', name = '', start }) =>
      locked(world, vmid, name, (guest, snapshot) => {
        if (!snapshot) throw new Error(`snapshot '${name}' does not exist`);
        const stopped = halt(guest);
        const back = { ...stopped, config: { ...snapshot.config, parent: name }, pending: {} };
        return start || snapshot.vmstate ? boot(back) : back;
      }),
    undone: unlock,
  },
};

function one({ world }: Context, kind: Kind, params: Params) {
  const guest = findGuest(world, kind, params);
  const name = need(params, 'snapname');
  const snapshot = guest.snapshots[name];
  if (!snapshot) throw new PveError(`snapshot '${name}' does not exist`);
  return { guest, name, snapshot };
}

const both = (kind: Kind): Routes => {
  const base = `/nodes/{node}/${kind}/{vmid}/snapshot`;
  return {
    [`GET ${base}`]: (context, params) => list(kind, context, params),
    [`POST ${base}`]: (context, params) => submit(kind, 'snapshot', context, params),
    [`DELETE ${base}/{snapname}`]: (context, params) => submit(kind, 'delsnapshot', context, params),
    [`POST ${base}/{snapname}/rollback`]: (context, params) => submit(kind, 'rollback', context, params),
    [`GET ${base}/{snapname}/config`]: (context, params) => {
      const { snapshot } = one(context, kind, params);
      return { ...showConfig(kind, snapshot.config), snaptime: snapshot.snaptime, description: snapshot.description };
    },
    [`PUT ${base}/{snapname}/config`]: (context, params) => {
      const { guest, name, snapshot } = one(context, kind, params);
      const description = str(params, 'description') ?? snapshot.description;
      keep(context.world, { ...guest, snapshots: { ...guest.snapshots, [name]: { ...snapshot, description } } });
      return null;
    },
  };
};

export const snapshotRoutes: Routes = { ...both('lxc'), ...both('qemu') };
