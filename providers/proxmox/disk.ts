import type { GuestKind } from './port.ts';
import type { Config } from './shapes.ts';

const FACTOR = { K: 1 / 1024 ** 2, M: 1 / 1024, G: 1, T: 1024 };
const VM_DISK = /^(scsi|virtio|sata|ide)\d+$/;

/** The disk a guest boots from: its key in the config and its size in GiB. */
export function rootDisk(kind: GuestKind, config: Config): { key: string; sizeGb: number } | undefined {
  const keys = kind === 'lxc' ? ['rootfs'] : bootOrder(config);
  for (const key of keys) {
    const volume = String(config[key] ?? '');
    const sizeGb = sizeOf(volume);
    if (sizeGb !== undefined && !volume.includes('media=cdrom')) return { key, sizeGb };
  }
  return undefined;
}

// boot is "order=scsi0;net0" since 6.2; without it Proxmox tries these in this order.
function bootOrder(config: Config): string[] {
  const order = /order=([^,]+)/.exec(String(config.boot ?? ''))?.[1]?.split(';') ?? [];
  return [...order, String(config.bootdisk ?? ''), 'scsi0', 'virtio0', 'sata0', 'ide0'].filter((key) =>
    VM_DISK.test(key),
  );
}

function sizeOf(volume: string): number | undefined {
  const [, digits, unit] = /(?:^|,)size=(\d+(?:\.\d+)?)([KMGT])?(?:,|$)/.exec(volume) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (unit ? FACTOR[unit as keyof typeof FACTOR] : 1 / 1024 ** 3);
}
