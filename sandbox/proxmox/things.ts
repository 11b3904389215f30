export interface Node {
  node: string;
  cpus: number;
  memory: number;
  bootedAt: number;
}

export interface Storage {
  storage: string;
  type: string;
  content: string[];
  shared: boolean;
  /** Bytes. */
  total: number;
  /** Bytes taken by what this cluster does not list. */
  base: number;
  snapshots: boolean;
  /** Nodes that have it; every one where unset. */
  nodes?: string[];
  disabled?: boolean;
}

export interface Volume {
  volid: string;
  /** Where it lies; empty on shared storage. */
  node: string;
  storage: string;
  content: string;
  format: string;
  size: number;
  ctime: number;
  vmid?: string;
  notes?: string;
  protected?: boolean;
  /** Of a backup: what a restore brings back. */
  backup?: { kind: 'lxc' | 'qemu'; config: Record<string, string> };
}

/** A job of /cluster/backup: its parameters as they were given. */
export type Job = { id: string } & Record<string, string>;
export type Pool = { poolid: string; comment?: string; members: string[]; storages: string[] };
/** `rights`: may do everything, may read, or nothing. */
/** A token by `user@realm!name`, or a user by `user@realm` with a password. */
export type Token = { id: string; secret: string; rights: 'all' | 'read' | 'none' };

export const GIB = 2 ** 30;

/** Bytes of `8`, `8G`, `512M`; a bare number counts gibibytes, as in `local-lvm:8`. */
export function sizeOf(text: string): number {
  const [, number = '0', unit = 'G'] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text) ?? [];
  return Math.round(Number(number) * 1024 ** ({ K: 1, M: 2, G: 3, T: 4 }[unit] ?? 3));
}

/** How PVE writes a size into a config: the largest unit that divides it. */
export function sizeText(bytes: number): string {
  for (const [unit, power] of [
    ['T', 4],
    ['G', 3],
    ['M', 2],
  ] as const)
    if (bytes % 1024 ** power === 0 && bytes > 0) return `${bytes / 1024 ** power}${unit}`;
  return `${Math.ceil(bytes / 1024)}K`;
}
