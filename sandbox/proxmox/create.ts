import { addDisk, DISK, freeDisks, volumeKey } from './disks.ts';
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
import { configOf } from './options.ts';
import { addToPool } from './pools.ts';
import { start } from './power.ts';
import { GIB, sizeOf, sizeText, type Volume } from './things.ts';
import { type Context, flag, need, type Params, type Routes, str, type World } from './world.ts';

async function create(kind: Kind, context: Context, params: Params): Promise<string> {
  const { world, user, operation } = context;
  const [vmid, node] = [need(params, 'vmid'), need(params, 'node')];
  const source = kind === 'lxc' ? need(params, 'ostemplate') : str(params, 'archive');
  const restoring = kind === 'lxc' ? flag(params, 'restore') : source !== undefined;
  const trouble = `unable to ${restoring ? 'restore' : 'create'} ${short(kind)} ${vmid} - `;
  if (kind === 'qemu' && !restoring && params.force) throw paramError({ force: 'only valid when restoring' });
  await lockConfig(context, kind, vmid);
  const old = world.guests.get(vmid);
  if (old && restoring && flag(params, 'force')) assertReplaceable(old, kind, trouble);
  else within(trouble, () => assertFree(world, vmid));

  const given = configOf(params);
  const config = restoring
    ? restored(world, String(source), node, given, trouble)
    : { ...defaults(kind, given, params), ...given };
  const wanted = plan(kind, config, params);
  addToPool(world, str(params, 'pool'), vmid);
  freeDisks(world, vmid);
  const guest = newGuest(vmid, kind, node, withoutDisks(config));
  keep(world, {
    ...guest,
    ...(params.password ? { password: need(params, 'password') } : {}),
    config: { ...guest.config, lock: 'create' },
  });
  return world.tasks.start({
    node,
    type: kind === 'lxc' ? (restoring ? 'vzrestore' : 'vzcreate') : restoring ? 'qmrestore' : 'qmcreate',
    id: vmid,
    user,
    operation,
    lasts: restoring ? 5000 : 2000,
    lock: { file: lockFile(kind, vmid), patience: 5000 },
    work: {
      verb: 'create',
      args: {
        vmid,
        trouble,
        operation,
        user,
        disks: JSON.stringify(wanted),
        ...(kind === 'lxc' || restoring ? { source: String(source) } : {}),
        ...(flag(params, 'start') ? { start: '1' } : {}),
        ...(flag(params, 'unique') ? { unique: '1' } : {}),
      },
    },
  });
}

function within(trouble: string, deed: () => void): void {
  try {
    deed();
  } catch (error) {
    throw new PveError(trouble + (error as Error).message);
  }
}

function assertReplaceable(old: Guest, kind: Kind, trouble: string): void {
  if (old.kind !== kind)
    throw new PveError(`${trouble}${short(old.kind)} ${old.vmid} already exists on node '${old.node}'`);
  if (isRunning(old))
    throw new PveError(kind === 'lxc' ? `${trouble}can't overwrite running container` : `${trouble}vm is running`);
  within(trouble, () => {
    assertUnlocked(old);
    assertUnprotected(old, `unable to restore ${short(kind)} ${old.vmid}`);
  });
}

function findArchive(world: World, volid: string, node: string): Volume | undefined {
  return world.volumes.get(volumeKey('', volid)) ?? world.volumes.get(volumeKey(node, volid));
}

function restored(world: World, volid: string, node: string, given: Config, trouble: string): Config {
  const archive = findArchive(world, volid, node);
  if (!archive?.backup) throw new PveError(`${trouble}volume '${volid}' does not exist`);
  const { lock: _lock, template: _template, ...config } = archive.backup.config;
  return { ...config, ...given };
}

function defaults(kind: Kind, given: Config, params: Params): Config {
  if (kind === 'qemu') return { memory: '512', vmgenid: crypto.randomUUID(), smbios1: `uuid=${crypto.randomUUID()}` };
  const distribution = /vztmpl\/([a-z]+)-/.exec(need(params, 'ostemplate'))?.[1] ?? 'unmanaged';
  const hostname = given.hostname ?? `CT${need(params, 'vmid')}`;
  return { arch: 'amd64', ostype: distribution, hostname, memory: '512', swap: '512', unprivileged: '1' };
}

/** The disks to make: key, storage, bytes and further options. */
interface Plan {
  key: string;
  storage: string;
  bytes: number;
  options: string[];
}

function plan(kind: Kind, config: Config, params: Params): Plan[] {
  const storage = str(params, 'storage');
  const disks = Object.entries(config).filter(([key]) => DISK.test(key) && !config[key]?.startsWith('none'));
  if (kind === 'lxc' && !config.rootfs) disks.push(['rootfs', `${storage ?? 'local'}:4`]);
  return disks
    .filter(([, value]) => !value.includes('cloudinit'))
    .map(([key, value]) => {
      const [volid = '', ...options] = value.replace(/^(volume|file)=/, '').split(',');
      const [home = '', rest = ''] = volid.split(':');
      const size = options.find((o) => o.startsWith('size='))?.slice(5);
      const bytes = /^\d+(\.\d+)?$/.test(rest) ? Number(rest) * GIB : sizeOf(size ?? '4G');
      return { key, storage: storage ?? home, bytes, options: options.filter((o) => !o.startsWith('size=')) };
    });
}

function withoutDisks(config: Config): Config {
  return Object.fromEntries(
    Object.entries(config).filter(
      ([key, value]) => !DISK.test(key) || value.includes('cloudinit') || value.startsWith('none'),
    ),
  );
}

export const createEffects: Effects = {
  create: {
    done(
      world,
      { vmid = '', trouble = '', disks = '[]', source, start: starts, unique, operation = '', user = '' },
      task,
    ) {
      const guest = world.guests.get(vmid);
      if (!guest) throw new Error(`${trouble}configuration has vanished`);
      if (source && !findArchive(world, source, guest.node))
        throw new Error(`${trouble}volume '${source}' does not exist`);
      if (world.faults.switched('storage-full', operation))
        throw new Error(`${trouble}not enough free space (1048576 < 8388608)`);
      const { lock: _lock, ...config } = guest.config;
      for (const disk of JSON.parse(disks) as Plan[])
        within(trouble, () => {
          config[disk.key] = [
            addDisk(world, guest, disk.storage, disk.bytes).volid,
            ...disk.options,
            `size=${sizeText(disk.bytes)}`,
          ].join(',');
        });
      for (const [key, value] of Object.entries(config))
        if (/^net\d+$/.test(key)) config[key] = withMac(value, guest.kind);
      const made = keep(world, { ...guest, config: unique ? freshIdentity(config) : config });
      if (starts) start({ world, user, operation: `TASK start ${vmid}` }, made, task.dueAt);
    },
    undone(world, { vmid = '' }) {
      freeDisks(world, vmid);
      world.guests.delete(vmid);
      world.stirred.add(vmid);
    },
  },
};

export const createRoutes: Routes = {
  'POST /nodes/{node}/lxc': (context, params) => create('lxc', context, params),
  'POST /nodes/{node}/qemu': (context, params) => create('qemu', context, params),
};
