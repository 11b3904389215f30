import { randomBytes } from 'node:crypto';
import type { Config, Guest } from './guest.ts';

/** A MAC address of Proxmox's own range. */
export function newMac(): string {
  const tail = randomBytes(3).toString('hex').toUpperCase().match(/../g) ?? [];
  return ['BC', '24', '11', ...tail].join(':');
}

/** Every network card gets a MAC where it names none: `virtio,bridge=…` becomes `virtio=BC:…,bridge=…`. */
export function withMac(value: string, kind: 'lxc' | 'qemu'): string {
  if (kind === 'lxc')
    return value.includes('hwaddr=')
      ? value
      : `${value},hwaddr=${newMac()}${value.includes('type=') ? '' : ',type=veth'}`;
  const [first = '', ...rest] = value.split(',');
  return first.includes('=') ? value : [`${first}=${newMac()}`, ...rest].join(',');
}

/** A copy's own MAC addresses, UUID and generation id. */
export function freshIdentity(config: Config): Config {
  const fresh = Object.entries(config).map(([key, value]) => {
    if (!/^net\d+$/.test(key)) return [key, value];
    return [key, value.replace(/[0-9A-F]{2}(:[0-9A-F]{2}){5}/i, newMac())];
  });
  const own = config.vmgenid ? { vmgenid: crypto.randomUUID(), smbios1: `uuid=${crypto.randomUUID()}` } : {};
  return { ...(Object.fromEntries(fresh) as Config), ...own };
}

/** The guest with these options set, and those that are null gone. */
export function setKeys(guest: Guest, changes: Record<string, string | null>): Guest {
  const config = { ...guest.config };
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete config[key];
    else config[key] = value;
  }
  return { ...guest, config };
}

/** A number between 0 and 1 that stays the same for the same text: lifelike load without chance. */
export function steady(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
