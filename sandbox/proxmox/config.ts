import { splitList } from './check.ts';
import { addDisk, DISK, diskOf, diskText } from './disks.ts';
import type { Effects } from './effects.ts';
import { PveError } from './error.ts';
import {
  assertDigest,
  assertUnlocked,
  digest,
  findGuest,
  type Guest,
  hold,
  isRunning,
  type Kind,
  keep,
  lockFile,
  short,
} from './guest.ts';
import { setKeys, withMac } from './identity.ts';
import { assertAllowed, configOf, showConfig } from './options.ts';
import { sizeOf, sizeText } from './things.ts';
import { type Context, flag, need, type Params, type Routes, str, type World } from './world.ts';

type Changes = Record<string, string | null>;

/** QEMU options that a running VM takes at once; the others wait for a stop and start. */
const QEMU_HOT =
  /^(name|description|tags|onboot|protection|startup|hotplug|lock|template|ci\w+|ipconfig\d+|nameserver|searchdomain|sshkeys|net\d+|(scsi|virtio|sata)\d+|unused\d+)$/;

// All that qmclone writes until the disks are copied: neither name nor description is there yet.
const HALF_CLONED = { description: 'qmclone temporary file\n', lock: 'clone' };

function get(kind: Kind, { world }: Context, params: Params) {
  const guest = findGuest(world, kind, params);
  const snapshot = str(params, 'snapshot');
  if (snapshot) {
    const found = guest.snapshots[snapshot];
    if (!found) throw new PveError(`snapshot '${snapshot}' does not exist`);
    return { ...showConfig(kind, found.config), digest: digest(guest) };
  }
  if (kind === 'qemu' && guest.config.lock === 'clone') return { ...HALF_CLONED, digest: digest(guest) };
  const shown = flag(params, 'current') ? guest : setKeys(guest, guest.pending);
  return { ...showConfig(kind, shown.config), digest: digest(guest) };
}

function pending(kind: Kind, { world }: Context, params: Params) {
  const guest = findGuest(world, kind, params);
  const now = showConfig(kind, guest.config);
  const later = showConfig(kind, setKeys(guest, guest.pending).config);
  return [...new Set([...Object.keys(now), ...Object.keys(guest.pending)])].map((key) => ({
    key,
    ...(key in now ? { value: now[key] } : {}),
    ...(guest.pending[key] === null ? { delete: 1 } : key in guest.pending ? { pending: later[key] } : {}),
  }));
}

async function update(kind: Kind, context: Context, params: Params): Promise<Guest> {
  const { world } = context;
  const given = configOf(params);
  assertAllowed(kind, given);
  const changes: Changes = given;
  const guest = await hold(context, kind, params);
  assertDigest(guest, params);
  assertUnlocked(guest);
  for (const key of splitList(str(params, 'delete') ?? '')) changes[key] = null;
  if (changes.rootfs === null) throw new PveError(`unable to delete required option 'rootfs'`);
  const ready = prepare(world, guest, changes);
  const reverted = Object.fromEntries(
    Object.entries(guest.pending).filter(([key]) => !splitList(str(params, 'revert') ?? '').includes(key)),
  );
  return keep(world, apply({ ...guest, pending: reverted }, ready));
}

/** New disks are allocated, network cards get their addresses. */
function prepare(world: World, guest: Guest, changes: Changes): Changes {
  const ready = { ...changes };
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) continue;
    const fresh = DISK.test(key) ? /^(?:volume=|file=)?([^:,]+):(\d+(?:\.\d+)?)((?:,.*)?)$/.exec(value) : null;
    if (fresh) {
      const bytes = sizeOf(`${fresh[2]}G`);
      ready[key] = `${addDisk(world, guest, String(fresh[1]), bytes).volid}${fresh[3]},size=${sizeText(bytes)}`;
    }
    if (/^net\d+$/.test(key)) ready[key] = withMac(value, guest.kind);
  }
  return ready;
}

function apply(guest: Guest, changes: Changes): Guest {
  const waits = (key: string) => guest.kind === 'qemu' && isRunning(guest) && !QEMU_HOT.test(key);
  const entries = Object.entries(changes);
  const later = { ...guest.pending, ...Object.fromEntries(entries.filter(([key]) => waits(key))) };
  const now = setKeys({ ...guest, pending: later }, Object.fromEntries(entries.filter(([key]) => !waits(key))));
  // A container takes what it can while it runs; a VM keeps its cloud-init address until it boots again.
  return guest.kind === 'lxc' && now.running ? { ...now, running: { ...now.running, config: now.config } } : now;
}

async function resize(kind: Kind, context: Context, params: Params): Promise<string> {
  const { world, user, operation } = context;
  const disk = need(params, 'disk');
  const guest = await hold(context, kind, params);
  assertDigest(guest, params);
  assertUnlocked(guest);
  const current = diskOf(guest, disk);
  if (!current) throw new PveError(`disk '${disk}' does not exist`);
  const size = need(params, 'size');
  const amount = sizeOf(/[KMGT]$/.test(size) ? size.replace('+', '') : `${Number(size.replace('+', '')) / 1024}K`);
  const bytes = size.startsWith('+') ? current.bytes + amount : amount;
  if (bytes < current.bytes)
    throw new PveError(kind === 'lxc' ? 'unable to shrink disk size' : 'shrinking disks is not supported');
  if (bytes === current.bytes && kind === 'lxc') throw new PveError('disk is already at specified size');
  const args = { vmid: guest.vmid, disk, bytes: String(bytes) };
  const lock = { file: lockFile(kind, guest.vmid), patience: 10_000 };
  return world.tasks.start({
    node: guest.node,
    type: 'resize',
    id: guest.vmid,
    user,
    operation,
    lasts: 500,
    lock,
    work: { verb: 'resize', args },
  });
}

export const configEffects: Effects = {
  nothing: { done() {} },
  resize: {
    done(world, { vmid = '', disk = '', bytes = '0' }) {
      const guest = world.guests.get(vmid);
      const current = guest && diskOf(guest, disk);
      if (!guest || !current) throw new Error(`disk '${disk}' does not exist`);
      for (const volume of world.volumes.values())
        if (volume.volid === current.volid && volume.vmid === vmid)
          world.volumes.set(`${volume.node}|${volume.volid}`, { ...volume, size: Number(bytes) });
      keep(world, setKeys(guest, { [disk]: diskText(current.volid, current.options, Number(bytes)) }));
    },
  },
};

async function updateLater(context: Context, params: Params): Promise<string> {
  const guest = await update('qemu', context, params);
  const { world, user, operation } = context;
  return world.tasks.start({
    node: guest.node,
    type: 'qmconfig',
    id: guest.vmid,
    user,
    operation,
    lasts: 300,
    work: { verb: 'nothing', args: {} },
  });
}

/** The user data that cloud-init would find in the drive. */
function dump({ world }: Context, params: Params): string {
  const guest = findGuest(world, 'qemu', params);
  const { config } = guest;
  if (params.type === 'network')
    return `version: 1\nconfig:\n    - type: physical\n      name: eth0\n      # ${config.ipconfig0 ?? ''}\n`;
  if (params.type === 'meta') return `instance-id: ${digest(guest)}\n`;
  const keys = decodeURIComponent(config.sshkeys ?? '')
    .split('\n')
    .filter(Boolean);
  const authorized = keys.length ? ['ssh_authorized_keys:', ...keys.map((key) => `  - ${key}`)] : [];
  return [
    '#cloud-config',
    `hostname: ${config.name ?? `${short('qemu')}${guest.vmid}`}`,
    'manage_etc_hosts: true',
    `user: ${config.ciuser ?? 'root'}`,
    ...authorized,
    '',
  ].join('\n');
}

const both = (kind: Kind): Routes => ({
  [`GET /nodes/{node}/${kind}/{vmid}/config`]: (context, params) => get(kind, context, params),
  [`GET /nodes/{node}/${kind}/{vmid}/pending`]: (context, params) => pending(kind, context, params),
  [`PUT /nodes/{node}/${kind}/{vmid}/config`]: async (context, params) => (await update(kind, context, params)) && null,
  [`PUT /nodes/{node}/${kind}/{vmid}/resize`]: (context, params) => resize(kind, context, params),
});

export const configRoutes: Routes = {
  ...both('lxc'),
  ...both('qemu'),
  'POST /nodes/{node}/qemu/{vmid}/config': updateLater,
  'PUT /nodes/{node}/qemu/{vmid}/cloudinit': async (context, params) => (await hold(context, 'qemu', params)) && null,
  'GET /nodes/{node}/qemu/{vmid}/cloudinit/dump': dump,
};
