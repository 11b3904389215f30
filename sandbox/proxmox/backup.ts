import { splitList } from './check.ts';
import { keepVolume, volumeKey } from './disks.ts';
import type { Effects } from './effects.ts';
import { PveError, paramError } from './error.ts';
import { type Guest, keep, nameOf } from './guest.ts';
import { setKeys } from './identity.ts';
import type { Volume } from './things.ts';
import { type Context, flag, need, type Params, type Routes, seconds, str, type World } from './world.ts';

/** Exactly one way of saying which guests. */
export function assertSelection(params: Params): void {
  const given = ['vmid', 'pool', 'all'].filter((key) => params[key] !== undefined && params[key] !== '0');
  if (given.length === 0) throw paramError({ vmid: 'property is missing and it is not optional' });
  if (given.length > 1) throw paramError({ [String(given[1])]: `option conflicts with option '${given[0]}'` });
}

export function selection(world: World, params: Params): string[] {
  const pool = str(params, 'pool');
  if (pool) return world.pools.get(pool)?.members ?? [];
  const except = splitList(str(params, 'exclude') ?? '');
  if (flag(params, 'all'))
    return world.guests
      .values()
      .map((g) => g.vmid)
      .filter((vmid) => !except.includes(vmid));
  return splitList(str(params, 'vmid') ?? '');
}

function vzdump({ world, user, operation }: Context, params: Params): string {
  assertSelection(params);
  const node = need(params, 'node');
  const storage = str(params, 'storage') ?? 'local';
  assertTakesBackups(world, storage);
  const here = selection(world, params).filter((vmid) => (world.guests.get(vmid)?.node ?? node) === node);
  if (here.length === 0) return 'OK';
  return submitBackup(world, { node, user, operation, storage, vmids: here, params });
}

function assertTakesBackups(world: World, storage: string): void {
  const found = world.storages.get(storage);
  if (!found)
    throw new PveError(`could not get storage information for '${storage}': storage '${storage}' does not exist`);
  if (!found.content.includes('backup'))
    throw new PveError(
      `could not get storage information for '${storage}': can't use storage '${storage}' for backups - wrong content type`,
    );
}

interface Wish {
  node: string;
  user: string;
  operation: string;
  storage: string;
  vmids: string[];
  params: Params;
}

export function submitBackup(world: World, { node, user, operation, storage, vmids, params }: Wish): string {
  const skipped = vmids.filter((vmid) => world.guests.get(vmid)?.config.lock);
  const taken = vmids.filter((vmid) => !skipped.includes(vmid) && world.guests.has(vmid));
  for (const vmid of taken) keep(world, setKeys(world.guests.get(vmid) as Guest, { lock: 'backup' }));
  const trouble = vmids
    .filter((vmid) => !taken.includes(vmid))
    .map((vmid) => {
      const lock = world.guests.get(vmid)?.config.lock;
      return `ERROR: Backup of VM ${vmid} failed - ${lock ? `VM is locked (${lock})` : `unable to find VM '${vmid}'`}`;
    });
  return world.tasks.start({
    node,
    type: 'vzdump',
    id: vmids.length === 1 ? String(vmids[0]) : '',
    user,
    operation,
    lasts: 5000 * Math.max(1, taken.length),
    // One backup at a time on a node; the next one waits up to three hours and looks as if it ran, or ends without a word.
    lock: {
      file: `/var/run/vzdump.${node}.lock`,
      patience: 180 * 60_000,
      mute: true,
      othersMs: queue(world, operation),
    },
    log: [`INFO: starting new backup job: vzdump ${vmids.join(' ')} --storage ${storage}`, ...trouble],
    work: {
      verb: 'vzdump',
      args: {
        vmids: taken.join(','),
        storage,
        node,
        operation,
        failed: trouble.length ? '1' : '',
        notes: str(params, 'notes-template') ?? '',
        protect: flag(params, 'protected') ? '1' : '',
        keep: /keep-last=(\d+)/.exec(str(params, 'prune-backups') ?? '')?.[1] ?? '',
      },
    },
  });
}

/** The fault `backup-queued`: how long another backup of the node still takes. */
function queue({ faults }: World, operation: string): number {
  return (faults.switched('backup-queued', operation)?.data as { forMs?: number } | undefined)?.forMs ?? 0;
}

/** The dump of a guest; its name holds the second of its making, so that two of one second are told apart by waiting. */
function archive(world: World, guest: Guest, args: Record<string, string>, at: number): Volume {
  const made = dump(world, guest, args, at);
  return world.volumes.has(volumeKey(made.node, made.volid)) ? archive(world, guest, args, at + 1000) : made;
}

function dump(world: World, guest: Guest, args: Record<string, string>, at: number): Volume {
  const stamp = new Date(at).toISOString().slice(0, 19).replaceAll('-', '_').replace('T', '-').replaceAll(':', '_');
  const format = guest.kind === 'lxc' ? 'tar.zst' : 'vma.zst';
  const storage = String(args.storage);
  const shared = world.storages.get(storage)?.shared;
  const { lock: _lock, parent: _parent, ...config } = guest.config;
  const notes = (args.notes ?? '')
    .replace(/\\([\\n])/g, (_, sign) => (sign === 'n' ? '\n' : sign))
    .replaceAll('{{guestname}}', nameOf(guest))
    .replaceAll('{{vmid}}', guest.vmid)
    .replaceAll('{{node}}', guest.node);
  return {
    volid: `${storage}:backup/vzdump-${guest.kind}-${guest.vmid}-${stamp}.${format}`,
    node: shared ? '' : guest.node,
    storage,
    content: 'backup',
    format,
    size: 400 * 2 ** 20,
    ctime: seconds(at),
    vmid: guest.vmid,
    backup: { kind: guest.kind, config },
    ...(notes ? { notes } : {}),
    ...(args.protect ? { protected: true } : {}),
  };
}

function prune(world: World, storage: string, vmid: string, last: number): void {
  const mine = world.volumes
    .entries()
    .filter(([, v]) => v.storage === storage && v.content === 'backup' && v.vmid === vmid && !v.protected);
  const old = mine.sort(([, a], [, b]) => b.ctime - a.ctime).slice(last);
  for (const [key] of old) world.volumes.delete(key);
}

function release(world: World, vmids: string): Guest[] {
  return splitList(vmids).flatMap((vmid) => {
    const guest = world.guests.get(vmid);
    return guest ? keep(world, setKeys(guest, { lock: null })) : [];
  });
}

export const backupEffects: Effects = {
  vzdump: {
    done(world, args, task) {
      if (world.faults.switched('storage-full', args.operation ?? '')) throw new Error('job errors');
      for (const guest of release(world, args.vmids ?? '')) {
        keepVolume(world, archive(world, guest, args, task.dueAt));
        if (args.keep) prune(world, String(args.storage), guest.vmid, Number(args.keep));
      }
      if (args.failed) throw new Error('job errors');
    },
    undone: (world, { vmids = '' }) => void release(world, vmids),
  },
};

export const backupRoutes: Routes = { 'POST /nodes/{node}/vzdump': vzdump };
