import { PveError } from './error.ts';
import type { Config, Guest } from './guest.ts';
import { type Storage, sizeOf, sizeText, type Volume } from './things.ts';
import { seconds, type World } from './world.ts';

export const DISK = /^(scsi|virtio|sata|ide)\d+$|^rootfs$|^mp\d+$|^efidisk0$|^tpmstate0$/;

export interface Wanted {
  storage: string;
  node: string;
  content: string;
  bytes: number;
}

/** Storages that give space away only when it is written to: a tenth of it, here. */
const THIN = new Set(['lvmthin', 'rbd']);

/** Bytes taken on a storage as one node sees it. */
export function usedOn(world: World, storage: Storage, node: string): number {
  const here = (volume: Volume) => volume.storage === storage.storage && (storage.shared || volume.node === node);
  const taken = world.volumes.values().reduce((sum, volume) => sum + (here(volume) ? volume.size : 0), 0);
  return storage.base + Math.round(taken * (THIN.has(storage.type) ? 0.1 : 1));
}

/** The storage, or the sentence why it cannot take this. */
export function allocate(world: World, { storage, node, content, bytes }: Wanted): Storage {
  const found = world.storages.get(storage);
  if (!found) throw new PveError(`storage '${storage}' does not exist`);
  if (found.disabled) throw new PveError(`storage '${storage}' is disabled`);
  if (found.nodes && !found.nodes.includes(node))
    throw new PveError(`storage '${storage}' is not available on node '${node}'`);
  if (!found.content.includes(content))
    throw new PveError(
      `storage '${storage}' does not support ${content === 'rootdir' ? 'container directories' : `content-type '${content}'`}`,
    );
  const free = found.total - usedOn(world, found, node);
  if (bytes > free)
    throw new PveError(`not enough free space (${Math.floor(free / 1024)} < ${Math.ceil(bytes / 1024)})`);
  return found;
}

/** Puts a disk of the guest on a storage. */
export function addDisk(
  world: World,
  guest: Pick<Guest, 'vmid' | 'kind' | 'node'>,
  storage: string,
  bytes: number,
): Volume {
  const content = guest.kind === 'lxc' ? 'rootdir' : 'images';
  const on = allocate(world, { storage, node: guest.node, content, bytes });
  const files = on.type === 'dir' || on.type === 'nfs';
  for (let n = 0; ; n++) {
    const volid = `${storage}:${files ? `${guest.vmid}/` : ''}vm-${guest.vmid}-disk-${n}${files ? '.raw' : ''}`;
    const node = on.shared ? '' : guest.node;
    if (world.volumes.has(volumeKey(node, volid))) continue;
    return keepVolume(world, {
      volid,
      node,
      storage,
      content,
      format: 'raw',
      size: bytes,
      ctime: seconds(Date.now()),
      vmid: guest.vmid,
    });
  }
}

export const volumeKey = (node: string, volid: string) => `${node}|${volid}`;
export const keepVolume = (world: World, volume: Volume) =>
  world.volumes.set(volumeKey(volume.node, volume.volid), volume);

/** Copies of the source's disks for the new guest, as changes to its config. */
export function copyDisks(world: World, source: string, made: Guest, storage: string | undefined): Config {
  const origin = world.guests.get(source);
  const changes: Config = {};
  for (const [key, value] of Object.entries(origin?.config ?? {})) {
    if (!DISK.test(key) || value.startsWith('none')) continue;
    const [volid = '', ...options] = value.split(',');
    const cloudinit = volid.endsWith('-cloudinit');
    const home = storage ?? String(volid.split(':')[0]);
    const size = sizeOf(options.find((o) => o.startsWith('size='))?.slice(5) ?? '4M');
    const copy = cloudinit ? `${home}:vm-${made.vmid}-cloudinit` : addDisk(world, made, home, size).volid;
    changes[key] = [copy, ...options].join(',');
  }
  return changes;
}

/** What a config says about a disk: volume and size in bytes. */
export function diskOf(guest: Guest, disk: string): { volid: string; bytes: number; options: string[] } | undefined {
  const value = guest.config[disk];
  if (value === undefined) return undefined;
  const [volid = '', ...options] = value.split(',');
  return { volid, options, bytes: sizeOf(options.find((o) => o.startsWith('size='))?.slice(5) ?? '0') };
}

export function diskText(volid: string, options: string[], bytes: number): string {
  return [volid, ...options.filter((o) => !o.startsWith('size=')), `size=${sizeText(bytes)}`].join(',');
}

/** Frees every disk of the guest; backups stay. */
export function freeDisks(world: World, vmid: string): void {
  for (const [key, volume] of world.volumes.entries())
    if (volume.vmid === vmid && volume.content !== 'backup') world.volumes.delete(key);
}
