import { addDisk, DISK } from './disks.ts';
import type { Config, Guest, Kind } from './guest.ts';
import { GIB, sizeOf, sizeText } from './things.ts';
import { type Params, str, type World } from './world.ts';

/** A disk that a new guest is to get. */
export interface Plan {
  key: string;
  storage: string;
  bytes: number;
  options: string[];
}

/** Drives that hold no data of the guest's: empty ones and the cloud-init drive. */
const isEmpty = (value: string) => value.startsWith('none') || value.includes('cloudinit');

/** The disks a config asks for: `local-lvm:8` by size, or one of a backup, to be made anew; a container has a root. */
export function planDisks(kind: Kind, config: Config, params: Params): Plan[] {
  const storage = str(params, 'storage');
  const disks = Object.entries(config).filter(([key, value]) => DISK.test(key) && !isEmpty(value));
  if (kind === 'lxc' && !config.rootfs) disks.push(['rootfs', `${storage ?? 'local'}:4`]);
  return disks.map(([key, value]) => {
    const [volid = '', ...options] = value.replace(/^(volume|file)=/, '').split(',');
    const [home = '', rest = ''] = volid.split(':');
    const size = options.find((option) => option.startsWith('size='))?.slice(5);
    const bytes = /^\d+(\.\d+)?$/.test(rest) ? Number(rest) * GIB : sizeOf(size ?? '4G');
    return { key, storage: storage ?? home, bytes, options: options.filter((option) => !option.startsWith('size=')) };
  });
}

export function withoutDisks(config: Config): Config {
  return Object.fromEntries(Object.entries(config).filter(([key, value]) => !DISK.test(key) || isEmpty(value)));
}

/** Makes the disks; what the config says of them. */
export function makeDisks(world: World, guest: Guest, plans: Plan[]): Config {
  const made = plans.map(({ key, storage, bytes, options }) => {
    const { volid } = addDisk(world, guest, storage, bytes);
    return [key, [volid, ...options, `size=${sizeText(bytes)}`].join(',')];
  });
  return Object.fromEntries(made) as Config;
}
