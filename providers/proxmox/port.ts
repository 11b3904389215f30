import type { ProviderErrorKind } from '../../core/errors.ts';

/** A guest's address in the cluster. The node is a hint that may be stale: HA and operators move guests. */
export interface GuestRef {
  node: string;
  vmid: number;
  kind: GuestKind;
}

/** qemu = virtual machine, lxc = container. */
export type GuestKind = 'qemu' | 'lxc';

/** UPID:node:pid:pstart:start:type:id:user: — the handle of a task that was accepted, not of one that succeeded. */
export type Upid = string;

/**
 * `failed` carries the task's last words and what they mean: busy (a lock was held), conflict (the goal is reached already),
 * unknown for the unrecognised. `lost`: Proxmox does not know the task any more, or not how it ended; only the guest's
 * state can tell. `ok` is no proof of the goal either: a task under HA ends when the wish is queued.
 */
export type TaskStatus =
  | { state: 'running' }
  | { state: 'ok'; exit: string }
  | { state: 'failed'; exit: string; kind: ProviderErrorKind }
  | { state: 'lost' };

/** What was read back of a guest. Memory in MiB, disk in GiB. */
export interface GuestView extends GuestRef {
  name: string;
  status: 'running' | 'stopped';
  /** Set while an operation holds the guest (backup, clone, create, migrate, rollback, …). */
  lock: string | undefined;
  /**
   * Our mark out of the description, see {@link GuestSpec.mark}; undefined on a foreign guest, and on any while it is being
   * made (lock create or clone), since its description is written at the end.
   */
  mark: string | undefined;
  cores: number;
  memoryMb: number;
  diskGb: number;
  onboot: boolean;
  /** Everything else, as Proxmox names it. */
  config: Readonly<Record<string, string | number>>;
}

/** A guest as the cluster's list shows it: up to ten seconds old, and without its description, so without its mark. */
export interface GuestLine extends GuestRef {
  /** Empty, like all that follows, on a node that does not answer. */
  name: string;
  status: 'running' | 'stopped' | 'unknown';
  lock: string | undefined;
  /** Whether it has our tag. */
  tagged: boolean;
  cores: number;
  memoryMb: number;
}

/** One NIC, and the addresses on it in CIDR notation. */
export interface GuestNetwork {
  bridge: string;
  /** MAC address, upper case with colons; kept over a rebuild. */
  mac: string;
  vlan?: number;
  ipv4?: { cidr: string; gateway: string };
  ipv6?: { cidr: string; gateway: string };
  /** Further addresses routed to the guest, for the anti-spoofing set; no prefix length. */
  extraAddresses?: string[];
}

export interface GuestSpec {
  vmid: number;
  node: string;
  hostname: string;
  /** Written as `mpanel:<mark>` into the description, beside the tag `mpanel`: how we know a guest as ours. */
  mark: string;
  pool?: string;
  cores: number;
  memoryMb: number;
  diskGb: number;
  storage: string;
  network: GuestNetwork;
  nameservers: string[];
  sshKeys: string[];
  /** Root's password in clear; goes into cloud-init or the container's shadow file and nowhere else. */
  rootPassword: string;
}

export interface NodeView {
  name: string;
  online: boolean;
  cpus: number;
  cpuUsage: number;
  memoryBytes: number;
  memoryUsedBytes: number;
  uptimeSeconds: number;
}

/** A vzdump backup in a storage. */
export interface BackupView {
  volid: string;
  vmid: number;
  sizeBytes: number;
  /** By the clock of its node, in whole seconds. */
  createdAt: Date;
  protected: boolean;
  /** Their first line; empty where there are none. */
  notes: string;
}

/** Proxmox VE 8.4/9.x over /api2/json with an API token. Every call throws ProviderError. */
export interface Proxmox {
  /** Where the guest with this id is now, from /cluster/resources; undefined only when the cluster answered and it is nowhere. */
  locate(vmid: number): Promise<GuestRef | undefined>;
  /** All guests of the cluster but templates, in one call. */
  list(): Promise<GuestLine[]>;
  /** Config and state; follows a guest that moved; undefined only when the whole cluster does not know the id. */
  read(guest: GuestRef): Promise<GuestView | undefined>;
  /**
   * Clones a VM template (full). The clone has our mark, else the template's config: see {@link configureVm}. After a lost
   * answer look at the new guest and its lock: the task is filed under the template's id, where {@link findTask} cannot tell
   * it from another clone's. Kind `refused` when the template is gone, `conflict` when the id is taken.
   */
  cloneVm(template: { node: string; vmid: number }, spec: GuestSpec): Promise<Upid>;
  /**
   * Creates an unprivileged container from `template` (volume id, store:vztmpl/…), with config and network; its addresses
   * are not limited yet: see {@link applyNetwork}. Kind `conflict` when the id is taken.
   */
  createContainer(template: string, spec: GuestSpec): Promise<Upid>;
  /**
   * Makes a VM's config that of the plan: cores, memory, cloud-init, network, tags, onboot, and limits its addresses.
   * Idempotent. Kind `conflict` on a guest without the spec's mark.
   */
  configureVm(guest: GuestRef, spec: GuestSpec): Promise<void>;
  /** Anti-spoofing: from net0 the guest may send from the network's addresses only. The whole set is written; idempotent. */
  applyNetwork(guest: GuestRef, network: GuestNetwork): Promise<void>;
  /**
   * Has the guest's firewall drop what comes in to a TCP port, before every other rule; `note` goes on the rule. Nothing is
   * done where such a rule is. Kind `conflict` on a guest without the given mark.
   */
  closePort(guest: GuestRef, port: number, rule: { mark: string; note: string }): Promise<void>;
  /** Applies plan values to an existing guest: cores and memory (MiB). Idempotent. */
  setPlan(guest: GuestRef, plan: { cores: number; memoryMb: number }): Promise<void>;
  /** Grows the root disk to `diskGb`; undefined when it already has that size. Shrinking is refused. */
  growDisk(guest: GuestRef, diskGb: number): Promise<Upid | undefined>;
  /** Undefined when it already runs. */
  start(guest: GuestRef): Promise<Upid | undefined>;
  /** Hard stop; undefined when it is already stopped. */
  stop(guest: GuestRef): Promise<Upid | undefined>;
  setOnboot(guest: GuestRef, onboot: boolean): Promise<void>;
  /**
   * Destroys a stopped guest with its disks, and takes it out of jobs and HA; undefined when it is gone already. Kind
   * `conflict` on a guest without the given mark, `busy` on a running one.
   */
  destroy(guest: GuestRef, mark: string): Promise<Upid | undefined>;
  taskStatus(upid: Upid): Promise<TaskStatus>;
  /** The newest task of this type on a guest since a moment of the node's clock: finds a UPID whose answer was lost. */
  findTask(guest: GuestRef, type: string, since: Date): Promise<Upid | undefined>;
  /** True when the guest agent answers; false when it is not up yet. */
  agentPing(guest: GuestRef): Promise<boolean>;
  /** ASCII text of at most 60 KiB. */
  agentWriteFile(guest: GuestRef, path: string, content: string): Promise<void>;
  /** Runs a command in the guest and waits for its end, at most `timeoutMs`. */
  agentExec(
    guest: GuestRef,
    command: string[],
    timeoutMs: number,
  ): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** Vzdump of one guest, mode snapshot. `notes` at most 1024 characters. */
  backup(guest: GuestRef, storage: string, notes: string): Promise<Upid>;
  backups(node: string, storage: string, vmid: number): Promise<BackupView[]>;
  deleteBackup(node: string, storage: string, volid: string): Promise<Upid | undefined>;
  /** Cluster-wide vzdump job of one guest, by an id of ours; created or made equal. `keep` = keep-last, `notes` go on its backups. */
  ensureBackupJob(
    id: string,
    job: { vmid: number; storage: string; schedule: string; keep: number; mark: string; notes: string },
  ): Promise<void>;
  deleteBackupJob(id: string): Promise<void>;
  nodes(): Promise<NodeView[]>;
}
