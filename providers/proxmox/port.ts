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

/** `lost`: Proxmox does not know the task any more, or not how it ended; only the guest's state can tell. */
export type TaskStatus = { state: 'running' } | { state: 'ok'; exit: string } | { state: 'failed'; exit: string } | { state: 'lost' };

/** What was read back of a guest. Memory in MiB, disk in GiB. */
export interface GuestView extends GuestRef {
  name: string;
  status: 'running' | 'stopped';
  /** Set while an operation holds the guest (backup, clone, create, migrate, rollback, …). */
  lock: string | undefined;
  /** Our mark out of the description, see {@link GuestSpec.mark}; undefined on a foreign guest. */
  mark: string | undefined;
  cores: number;
  memoryMb: number;
  diskGb: number;
  onboot: boolean;
  /** Everything else, as Proxmox names it. */
  config: Readonly<Record<string, string | number>>;
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
  createdAt: Date;
  protected: boolean;
}

/** Proxmox VE 8.4/9.x over /api2/json with an API token. Every call throws ProviderError. */
export interface Proxmox {
  /** Where the guest with this id is now, from /cluster/resources; undefined only when the cluster answered and it is nowhere. */
  locate(vmid: number): Promise<GuestRef | undefined>;
  /** Config and state; follows a guest that moved; undefined only when the whole cluster does not know the id. */
  read(guest: GuestRef): Promise<GuestView | undefined>;
  /** Clones a VM template (full). The clone still has the template's config: see {@link configureVm}. */
  cloneVm(template: { node: string; vmid: number }, spec: GuestSpec): Promise<Upid>;
  /** Creates an unprivileged container from `template` (volume id, store:vztmpl/…), with config and network. */
  createContainer(template: string, spec: GuestSpec): Promise<Upid>;
  /** Makes a VM's config that of the plan: cores, memory, cloud-init, network, tags, onboot. Idempotent. */
  configureVm(guest: GuestRef, spec: GuestSpec): Promise<void>;
  /** Applies plan values to an existing guest: cores and memory (MiB). Idempotent. */
  setPlan(guest: GuestRef, plan: { cores: number; memoryMb: number }): Promise<void>;
  /** Grows the root disk to `diskGb`; undefined when it already has that size. Shrinking is refused. */
  growDisk(guest: GuestRef, diskGb: number): Promise<Upid | undefined>;
  /** Undefined when it already runs. */
  start(guest: GuestRef): Promise<Upid | undefined>;
  /** Hard stop; undefined when it is already stopped. */
  stop(guest: GuestRef): Promise<Upid | undefined>;
  setOnboot(guest: GuestRef, onboot: boolean): Promise<void>;
  /** Destroys a stopped guest with its disks, and takes it out of jobs and HA. Refuses a guest without the given mark. */
  destroy(guest: GuestRef, mark: string): Promise<Upid | undefined>;
  taskStatus(upid: Upid): Promise<TaskStatus>;
  /** The newest task of this type on a guest since a moment: finds a UPID whose answer was lost. */
  findTask(guest: GuestRef, type: string, since: Date): Promise<Upid | undefined>;
  /** True when the guest agent answers; false when it is not up yet. */
  agentPing(guest: GuestRef): Promise<boolean>;
  /** At most 60 KiB. */
  agentWriteFile(guest: GuestRef, path: string, content: string): Promise<void>;
  /** Runs a command in the guest and waits for its end, at most `timeoutMs`. */
  agentExec(guest: GuestRef, command: string[], timeoutMs: number): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** Vzdump of one guest, mode snapshot. */
  backup(guest: GuestRef, storage: string, notes: string): Promise<Upid>;
  backups(node: string, storage: string, vmid: number): Promise<BackupView[]>;
  deleteBackup(node: string, storage: string, volid: string): Promise<Upid | undefined>;
  /** Cluster-wide vzdump job of one guest, by an id of ours; created or made equal. `keep` = keep-last. */
  ensureBackupJob(id: string, job: { vmid: number; storage: string; schedule: string; keep: number; mark: string }): Promise<void>;
  deleteBackupJob(id: string): Promise<void>;
  nodes(): Promise<NodeView[]>;
}
