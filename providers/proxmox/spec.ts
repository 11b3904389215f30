import type { Params } from './api.ts';
import { markText, TAG } from './mark.ts';
import type { GuestNetwork, GuestSpec } from './port.ts';

/** POST /nodes/{node}/qemu/{template}/clone */
export function cloneParams(templateNode: string, spec: GuestSpec, pool: string | undefined): Params {
  return {
    newid: spec.vmid,
    name: spec.hostname,
    full: true,
    storage: spec.storage,
    // Proxmox takes a target only where the template's disks are on shared storage.
    target: spec.node === templateNode ? undefined : spec.node,
    pool: spec.pool ?? pool,
    description: markText(spec.mark),
  };
}

/** PUT /nodes/{node}/qemu/{vmid}/config of a fresh clone. Without ciupgrade=0 the first boot waits for an upgrade. */
export function vmParams(spec: GuestSpec): Params {
  const { ipv4, ipv6 } = spec.network;
  return {
    name: spec.hostname,
    tags: TAG,
    onboot: true,
    ...sizeParams('qemu', spec),
    net0: properties({ virtio: spec.network.mac, ...nic(spec.network) }),
    ipconfig0: properties({ ip: ipv4?.cidr, gw: ipv4?.gateway, ip6: ipv6?.cidr, gw6: ipv6?.gateway }),
    ciuser: 'root',
    cipassword: spec.rootPassword,
    ciupgrade: false,
    ...given({ nameserver: spec.nameservers.join(' '), sshkeys: encodeURIComponent(spec.sshKeys.join('\n')) }),
  };
}

/** POST /nodes/{node}/lxc. Nesting is what a current systemd needs, and the only feature a token may set. */
export function containerParams(template: string, spec: GuestSpec, pool: string | undefined): Params {
  const { mac, ipv4, ipv6 } = spec.network;
  return {
    vmid: spec.vmid,
    ostemplate: template,
    hostname: spec.hostname,
    description: markText(spec.mark),
    tags: TAG,
    pool: spec.pool ?? pool,
    unprivileged: true,
    features: 'nesting=1',
    onboot: true,
    cores: spec.cores,
    memory: spec.memoryMb,
    rootfs: `${spec.storage}:${spec.diskGb}`,
    net0: properties({
      name: 'eth0',
      hwaddr: mac,
      ...nic(spec.network),
      ip: ipv4?.cidr,
      gw: ipv4?.gateway,
      ip6: ipv6?.cidr,
      gw6: ipv6?.gateway,
    }),
    nameserver: spec.nameservers.join(' ') || undefined,
    password: spec.rootPassword,
    'ssh-public-keys': spec.sshKeys.join('\n') || undefined,
  };
}

/** A VM's cores are counted per socket, so it gets one socket. */
export function sizeParams(kind: 'qemu' | 'lxc', plan: { cores: number; memoryMb: number }): Params {
  return { cores: plan.cores, ...(kind === 'qemu' ? { sockets: 1 } : {}), memory: plan.memoryMb };
}

// The firewall flag is what puts a NIC behind the anti-spoofing set.
const nic = ({ bridge, vlan }: GuestNetwork) => ({ bridge, firewall: 1, tag: vlan });

function properties(values: Record<string, string | number | undefined>): string | undefined {
  const set = Object.entries(values).filter(([, value]) => value !== undefined);
  return set.map(([key, value]) => `${key}=${value}`).join(',') || undefined;
}

// What the plan leaves empty must not stay as the template had it: its author's keys would open the guest.
function given(values: Record<string, string>): Params {
  const empty = Object.keys(values).filter((key) => !values[key]);
  const set = Object.entries(values).filter(([, value]) => value);
  return { ...Object.fromEntries(set), delete: empty.join(',') || undefined };
}
