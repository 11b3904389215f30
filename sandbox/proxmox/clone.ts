import { remove } from './destroy.ts';
import { allocate, copyDisks } from './disks.ts';
import type { Effects } from './effects.ts';
import { PveError } from './error.ts';
import {
  assertFree,
  assertUnlocked,
  type Config,
  type Guest,
  hold,
  isRunning,
  isTemplate,
  type Kind,
  keep,
  lockFile,
  look,
  newGuest,
} from './guest.ts';
import { freshIdentity, setKeys } from './identity.ts';
import { addToPool } from './pools.ts';
import { type Context, flag, need, type Params, type Routes, str, type World } from './world.ts';

function clone(kind: Kind, context: Context, params: Params): string {
  const { world, user, operation } = context;
  const source = look(context, kind, params);
  const newid = need(params, 'newid');
  const node = str(params, 'target') ?? source.node;
  assertNode(world, node, source);
  assertUnlocked(source);
  assertPossible(source, params);
  const clash = world.guests.get(newid);
  if (kind === 'qemu' && clash?.kind === 'qemu' && clash.node === source.node)
    throw new PveError(`unable to create VM ${newid}: config file already exists`);
  assertFree(world, newid);
  const storage = str(params, 'storage');
  if (storage) allocate(world, { storage, node, content: kind === 'lxc' ? 'rootdir' : 'images', bytes: 0 });

  addToPool(world, str(params, 'pool'), newid);
  keep(world, { ...newGuest(newid, kind, node, { ...cloneConfig(source, params), lock: 'clone' }) });
  return world.tasks.start({
    node: source.node,
    type: kind === 'lxc' ? 'vzclone' : 'qmclone',
    id: source.vmid,
    user,
    operation,
    lasts: 3000,
    lock: { file: lockFile(kind, source.vmid), share: 0.1, patience: 1000, trouble: 'clone failed: ' },
    log: [`create full clone of drive ${kind === 'lxc' ? 'rootfs' : 'scsi0'} (${source.vmid} to ${newid})`],
    work: {
      verb: 'clone',
      args: { source: source.vmid, newid, ...(storage ? { storage } : {}), full: String(params.full ?? ''), operation },
    },
  });
}

function assertNode(world: World, node: string, source: Guest): void {
  if (node === source.node) return;
  if (!world.nodes.has(node)) throw new PveError(`no such cluster node '${node}'`);
  const local = world.volumes.values().find((v) => v.vmid === source.vmid && v.node !== '' && v.content !== 'backup');
  if (local) throw new PveError(`can't clone VM to node '${node}' (VM uses local storage)`);
}

function assertPossible(source: Guest, params: Params): void {
  const full = params.full === undefined ? !isTemplate(source) : flag(params, 'full');
  if (!full && !isTemplate(source))
    throw new PveError(`Linked clone feature is not supported for a guest that is not a template`);
  if (!full && params.storage) throw new PveError(`parameter 'storage' not allowed for linked clones`, 400);
  if (!full && params.format) throw new PveError(`parameter 'format' not allowed for linked clones`, 400);
  if (source.kind === 'lxc' && isRunning(source) && !params.snapname)
    throw new PveError(`Cannot do full clones on a running container without snapshots`);
}

/** The config to copy: today's or that of a snapshot. */
function origin(source: Guest, params: Params): Config {
  const snapname = str(params, 'snapname');
  if (snapname === undefined) return source.config;
  const snapshot = source.snapshots[snapname];
  if (!snapshot) throw new PveError(`snapshot '${snapname}' does not exist`);
  return snapshot.config;
}

function cloneConfig(source: Guest, params: Params): Config {
  const {
    template: _template,
    protection: _protection,
    lock: _lock,
    parent: _parent,
    ...config
  } = origin(source, params);
  const named =
    str(params, source.kind === 'lxc' ? 'hostname' : 'name') ??
    `Copy-of-${source.kind === 'lxc' ? 'CT' : 'VM'}-${nameOr(source)}`;
  const description = str(params, 'description');
  return freshIdentity({
    ...config,
    [source.kind === 'lxc' ? 'hostname' : 'name']: named,
    ...(description === undefined ? {} : { description }),
  });
}

const nameOr = (source: Guest) => source.config.name ?? source.config.hostname ?? source.vmid;

export const cloneEffects: Effects = {
  clone: {
    done(world, { source = '', newid = '', storage, operation = '' }) {
      const made = world.guests.get(newid);
      if (!made) throw new Error(`clone failed: VM ${newid} has vanished`);
      const full = world.faults.switched('storage-full', operation);
      if (full) throw new Error('clone failed: not enough free space (1048576 < 8388608)');
      const { lock: _lock, ...config } = made.config;
      keep(world, { ...made, config: { ...config, ...copyDisks(world, source, made, storage) } });
    },
    undone: (world, { newid = '' }) => remove(world, newid, false),
  },
};

/** Makes a template of a stopped guest; there is no way back. */
async function toTemplate(kind: Kind, context: Context, params: Params): Promise<string | null> {
  const { world, user, operation } = context;
  const guest = await hold(context, kind, params);
  assertUnlocked(guest);
  if (isTemplate(guest)) throw new PveError(`you can't convert a template to a template`);
  if (isRunning(guest))
    throw new PveError(`you can't convert a ${kind === 'lxc' ? 'CT' : 'VM'} to template if it's running`);
  keep(world, setKeys(guest, { template: '1' }));
  if (kind === 'lxc') return null;
  return world.tasks.start({
    node: guest.node,
    type: 'qmtemplate',
    id: guest.vmid,
    user,
    operation,
    lasts: 1000,
    work: { verb: 'nothing', args: {} },
  });
}

export const cloneRoutes: Routes = {
  'POST /nodes/{node}/lxc/{vmid}/clone': (context, params) => clone('lxc', context, params),
  'POST /nodes/{node}/qemu/{vmid}/clone': (context, params) => clone('qemu', context, params),
  'POST /nodes/{node}/lxc/{vmid}/template': (context, params) => toTemplate('lxc', context, params),
  'POST /nodes/{node}/qemu/{vmid}/template': (context, params) => toTemplate('qemu', context, params),
};
