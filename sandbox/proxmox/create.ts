import { remove } from './destroy.ts';
import { makeDisks, type Plan, planDisks, withoutDisks } from './disk-plan.ts';
import { freeDisks, volumeKey } from './disks.ts';
import type { Effects } from './effects.ts';
import { PveError, paramError } from './error.ts';
import {
  assertFree,
  assertUnlocked,
  assertUnprotected,
  type Config,
  type Guest,
  isRunning,
  type Kind,
  keep,
  lockConfig,
  lockFile,
  newGuest,
  short,
} from './guest.ts';
import { freshIdentity, withMac } from './identity.ts';
import { assertAllowed, configOf } from './options.ts';
import { addToPool } from './pools.ts';
import { start } from './power.ts';
import type { Volume } from './things.ts';
import { type Context, flag, need, type Params, type Routes, str, type World } from './world.ts';

/** A guest to be: made new, or brought back from a backup. */
interface Wish {
  kind: Kind;
  vmid: string;
  node: string;
  restoring: boolean;
  /** The template or the backup it comes from. */
  source: string | undefined;
  /** How every complaint begins. */
  trouble: string;
}

function wishOf(kind: Kind, params: Params): Wish {
  const [vmid, node] = [need(params, 'vmid'), need(params, 'node')];
  const source = str(params, kind === 'lxc' ? 'ostemplate' : 'archive');
  const restoring = kind === 'lxc' ? flag(params, 'restore') : source !== undefined;
  const trouble = `unable to ${restoring ? 'restore' : 'create'} ${short(kind)} ${vmid} - `;
  if (kind === 'qemu' && !restoring && params.force) throw paramError({ force: 'only valid when restoring' });
  return { kind, vmid, node, restoring, source, trouble };
}

async function create(kind: Kind, context: Context, params: Params): Promise<string> {
  const { world } = context;
  const wish = wishOf(kind, params);
  const given = configOf(params);
  assertAllowed(kind, given, str(params, 'ssh-public-keys'));
  await lockConfig(context, kind, wish.vmid);
  assertPlace(world, wish, flag(params, 'force'));
  const config = { ...(wish.restoring ? restored(world, wish) : defaults(wish, given)), ...given };
  const disks = planDisks(kind, config, params);
  addToPool(world, str(params, 'pool'), wish.vmid);
  freeDisks(world, wish.vmid);
  const guest = newGuest(wish.vmid, kind, wish.node, { ...withoutDisks(config), lock: 'create' });
  keep(world, params.password ? { ...guest, password: need(params, 'password') } : guest);
  return submit(context, wish, disks, params);
}

function submit({ world, user, operation }: Context, wish: Wish, disks: Plan[], params: Params): string {
  const { kind, vmid, node, restoring, source, trouble } = wish;
  const args: Record<string, string> = { vmid, trouble, operation, user, disks: JSON.stringify(disks) };
  if (source !== undefined) args.source = source;
  for (const key of ['start', 'unique']) if (flag(params, key)) args[key] = '1';
  return world.tasks.start({
    node,
    type: `${kind === 'lxc' ? 'vz' : 'qm'}${restoring ? 'restore' : 'create'}`,
    id: vmid,
    user,
    operation,
    lasts: restoring ? 5000 : 2000,
    lock: { file: lockFile(kind, vmid), patience: 5000 },
    work: { verb: 'create', args },
  });
}

function within<T>(trouble: string, deed: () => T): T {
  try {
    return deed();
  } catch (error) {
    throw new PveError(trouble + (error as Error).message);
  }
}

/** A free VMID; a forced restore may also take the place of a stopped guest of its kind. */
function assertPlace(world: World, { kind, vmid, restoring, trouble }: Wish, force: boolean): void {
  const old = world.guests.get(vmid);
  within(trouble, () => {
    if (!old || !restoring || !force || old.kind !== kind) return assertFree(world, vmid);
    if (isRunning(old)) throw new Error(kind === 'lxc' ? `can't overwrite running container` : 'vm is running');
    assertUnlocked(old);
    assertUnprotected(old, `unable to restore ${short(kind)} ${vmid}`);
  });
}

function findArchive(world: World, volid: string, node: string): Volume | undefined {
  return world.volumes.get(volumeKey('', volid)) ?? world.volumes.get(volumeKey(node, volid));
}

/** The config as it was backed up: old memory, old addresses. */
function restored(world: World, { source = '', node, trouble }: Wish): Config {
  const archive = findArchive(world, source, node);
  if (!archive?.backup) throw new PveError(`${trouble}volume '${source}' does not exist`);
  const { template: _template, ...config } = archive.backup.config;
  return config;
}

function defaults({ kind, vmid, source = '' }: Wish, given: Config): Config {
  if (kind === 'qemu') return { memory: '512', vmgenid: crypto.randomUUID(), smbios1: `uuid=${crypto.randomUUID()}` };
  const ostype = /vztmpl\/([a-z]+)-/.exec(source)?.[1] ?? 'unmanaged';
  const hostname = given.hostname ?? `CT${vmid}`;
  return { arch: 'amd64', ostype, hostname, memory: '512', swap: '512', unprivileged: '1' };
}

function make(world: World, guest: Guest, args: Record<string, string>): Guest {
  const { source, operation = '', disks = '[]', unique } = args;
  if (source && !findArchive(world, source, guest.node)) throw new Error(`volume '${source}' does not exist`);
  if (world.faults.switched('storage-full', operation)) throw new Error('not enough free space (1048576 < 8388608)');
  const { lock: _lock, ...rest } = guest.config;
  const config = { ...rest, ...makeDisks(world, guest, JSON.parse(disks) as Plan[]) };
  for (const [key, value] of Object.entries(config)) if (/^net\d+$/.test(key)) config[key] = withMac(value, guest.kind);
  return keep(world, { ...guest, config: unique ? freshIdentity(config) : config });
}

export const createEffects: Effects = {
  create: {
    done(world, args, task) {
      const { vmid = '', trouble = '', user = '' } = args;
      const guest = world.guests.get(vmid);
      if (!guest) throw new Error(`${trouble}configuration has vanished`);
      const made = within(trouble, () => make(world, guest, args));
      // The worker starts a second one, which begins where the first ends.
      if (args.start) start({ world, user, operation: `TASK start ${vmid}` }, made, task.dueAt);
    },
    undone: (world, { vmid = '' }) => remove(world, vmid, false),
  },
};

export const createRoutes: Routes = {
  'POST /nodes/{node}/lxc': (context, params) => create('lxc', context, params),
  'POST /nodes/{node}/qemu': (context, params) => create('qemu', context, params),
};
