import { createHash } from 'node:crypto';
import type { SecureVersion } from 'node:tls';
import { PveError } from './error.ts';
import { strikes } from './playing.ts';
import { type Context, need, type Params, str, type World } from './world.ts';

export type Kind = 'lxc' | 'qemu';
export type Config = Record<string, string>;

export interface Snapshot {
  description: string;
  /** Seconds. */
  snaptime: number;
  parent?: string;
  vmstate: boolean;
  config: Config;
}

export interface FirewallRule {
  [field: string]: string;
}

export interface Guest {
  vmid: string;
  kind: Kind;
  node: string;
  config: Config;
  /** Changes that wait for a stop and start; null deletes. */
  pending: Record<string, string | null>;
  snapshots: Record<string, Snapshot>;
  /** While it runs: since when, and what it runs with whatever the config says by now. */
  running?: { since: number; pid: number; config: Config; paused: boolean };
  firewall: {
    options: Config;
    rules: FirewallRule[];
    ipset: Record<string, { comment: string; entries: Record<string, Config> }>;
  };
  /** Files written through the agent, base64 by path. */
  files: Record<string, string>;
  /** What its web server has loaded; files written later wait for a reload. */
  served?: { key: string; cert: string; oldest?: SecureVersion };
  /** Ports besides that of its web server on which something answers. */
  listening?: number[];
  executed: Record<string, { exitcode: number; out: string; err: string }>;
  password?: string;
  /** When a lock that a fault put on it goes away by itself. */
  lockUntil?: number;
}

export function newGuest(vmid: string, kind: Kind, node: string, config: Config): Guest {
  const firewall = { options: {}, rules: [], ipset: {} };
  return { vmid, kind, node, config, pending: {}, snapshots: {}, firewall, files: {}, executed: {} };
}

export const short = (kind: Kind) => (kind === 'lxc' ? 'CT' : 'VM');
export const isTemplate = (guest: Guest) => guest.config.template === '1';
export const nameOf = (guest: Guest) =>
  (guest.kind === 'lxc' ? guest.config.hostname : guest.config.name) ?? `${short(guest.kind)}${guest.vmid}`;

/** The file that PVE locks while it changes the guest's config. */
export const lockFile = (kind: Kind, vmid: string) =>
  kind === 'lxc' ? `/run/lock/lxc/pve-config-${vmid}.lock` : `/var/lock/qemu-server/lock-${vmid}.conf`;

export const digestOf = (value: unknown) => createHash('sha1').update(JSON.stringify(value)).digest('hex');

/** SHA-1 of everything that stands in the config file. */
export const digest = ({ config, pending, snapshots }: Guest) => digestOf([config, pending, snapshots]);

/** Keeps a changed guest and remembers that it was touched. */
export function keep(world: World, guest: Guest): Guest {
  world.stirred.add(guest.vmid);
  return world.guests.set(guest.vmid, guest);
}

/** The guest that the call's path names, on the node and of the kind that it names. */
export function findGuest(world: World, kind: Kind, params: Params): Guest {
  const [vmid, node] = [need(params, 'vmid'), need(params, 'node')];
  const guest = world.guests.get(vmid);
  if (guest?.kind === kind && guest.node === node) return guest;
  const folder = kind === 'lxc' ? 'lxc' : 'qemu-server';
  throw new PveError(`Configuration file 'nodes/${node}/${folder}/${vmid}.conf' does not exist`);
}

/** A VMID is one guest's in the whole cluster, whatever its kind. */
export function assertFree(world: World, vmid: string): void {
  const taken = world.guests.get(vmid);
  if (taken) throw new PveError(`${short(taken.kind)} ${vmid} already exists on node '${taken.node}'`);
}

export function assertUnlocked(guest: Guest): void {
  const { lock } = guest.config;
  if (lock) throw new PveError(`${short(guest.kind)} is locked (${lock})`);
}

export function assertDigest(guest: Guest, params: Params): void {
  const given = str(params, 'digest');
  if (given && given !== digest(guest))
    throw new PveError('detected modified configuration - file changed by other user? Try again.');
}

export function assertUnprotected(guest: Guest, deed: string): void {
  if (guest.config.protection === '1') throw new PveError(`${deed} - protection mode enabled`);
}

export const isRunning = (guest: Guest) => guest.running !== undefined;

/** Waits for the lock on a guest's config file as PVE does: ten seconds, then it gives up. */
export async function lockConfig(context: Context, kind: Kind, vmid: string): Promise<void> {
  const { world } = context;
  const file = lockFile(kind, vmid);
  const patience = 10_000 * world.speed;
  playTimeout(context, file);
  const held = world.tasks.heldFor(file);
  if (held > 0) await new Promise((done) => setTimeout(done, Math.min(held, patience)));
  world.settle();
  if (held > patience) throw new PveError(`can't lock file '${file}' - got timeout`);
}

function playTimeout({ world, operation }: Context, file: string): void {
  if (world.faults.switched('flock-timeout', operation)) throw new PveError(`can't lock file '${file}' - got timeout`);
}

/** The guest of the call as a clone takes it: its file is locked later, by the worker. */
export function look(context: Context, kind: Kind, params: Params): Guest {
  const guest = findGuest(context.world, kind, params);
  playTimeout(context, lockFile(kind, guest.vmid));
  return playLock(context, guest);
}

/** The guest of the call with its config file locked, as every change begins. */
export async function hold(context: Context, kind: Kind, params: Params): Promise<Guest> {
  const { vmid } = findGuest(context.world, kind, params);
  await lockConfig(context, kind, vmid);
  return playLock(context, findGuest(context.world, kind, params));
}

interface LockFault {
  vmid?: string | number;
  lock?: string;
  forMs?: number;
}

/** The fault `lock-held`: somebody else's operation has the guest for a while. */
function playLock({ world, operation }: Context, guest: Guest): Guest {
  const mine = (data: unknown) => String((data as LockFault | undefined)?.vmid ?? guest.vmid) === guest.vmid;
  const fault = strikes(world.faults, 'lock-held', operation, mine);
  if (!fault) return guest;
  const { lock = 'backup', forMs = 0 } = (fault.data ?? {}) as LockFault;
  return keep(world, { ...guest, config: { ...guest.config, lock }, lockUntil: Date.now() + forMs });
}
