import { haId } from './destroy.ts';
import { diskOf } from './disks.ts';
import { findGuest, type Guest, isTemplate, type Kind, nameOf } from './guest.ts';
import { steady } from './identity.ts';
import { shape } from './options.ts';
import { type Context, type Params, type Routes, seconds, type World } from './world.ts';

const MIB = 2 ** 20;

/** What a guest uses right now: steady per guest, so that two looks agree. */
export function usage(guest: Guest) {
  const { memory, cpus, swap } = shape(guest);
  const uptime = guest.running ? seconds(Date.now() - guest.running.since) : 0;
  const load = guest.running && uptime > 0 ? 0.02 + 0.1 * steady(guest.vmid) : 0;
  const maxdisk =
    diskOf(
      guest,
      guest.kind === 'lxc' ? 'rootfs' : (Object.keys(guest.config).find((k) => /^(scsi|virtio|sata)\d/.test(k)) ?? ''),
    )?.bytes ?? 0;
  const filled = guest.running ? 0.35 + 0.2 * steady(`mem${guest.vmid}`) : 0;
  return {
    cpus,
    cpu: load,
    mem: Math.round(memory * MIB * filled),
    maxmem: memory * MIB,
    maxswap: swap * MIB,
    // Only a container's file system can be looked into from outside.
    disk: guest.kind === 'lxc' ? Math.round(maxdisk * 0.2) : 0,
    maxdisk,
    uptime,
    netin: uptime * 900,
    netout: uptime * 400,
    diskread: uptime * 2000,
    diskwrite: uptime * 1000,
  };
}

export const statusOf = (guest: Guest) => (guest.running ? 'running' : 'stopped');

/** The row of a guest in its node's list. */
export function row(guest: Guest) {
  const { maxswap, ...numbers } = usage(guest);
  return {
    vmid: Number(guest.vmid),
    name: nameOf(guest),
    status: statusOf(guest),
    ...numbers,
    ...(guest.kind === 'lxc' ? { type: 'lxc', swap: 0, maxswap } : {}),
    ...(guest.running ? { pid: guest.running.pid } : {}),
    ...(guest.config.tags ? { tags: guest.config.tags } : {}),
    ...(guest.config.lock ? { lock: guest.config.lock } : {}),
    ...(isTemplate(guest) ? { template: 1 } : {}),
  };
}

export function managed(world: World, guest: Guest) {
  const entry = world.ha.get(haId(guest.kind, guest.vmid));
  return entry ? { managed: 1, state: entry.state } : { managed: 0 };
}

function current(kind: Kind, { world }: Context, params: Params) {
  const guest = findGuest(world, kind, params);
  const qmpstatus = guest.running?.paused ? 'paused' : statusOf(guest);
  return {
    ...row(guest),
    ha: managed(world, guest),
    ...(kind === 'qemu'
      ? { qmpstatus, ...(/^(1|.*enabled=1)/.test(guest.config.agent ?? '') ? { agent: 1 } : {}) }
      : {}),
  };
}

const list =
  (kind: Kind) =>
  ({ world }: Context, params: Params) =>
    world.guests
      .values()
      .filter((guest) => guest.kind === kind && guest.node === params.node)
      .map(row);

/** A running container's addresses, as the node sees them. */
function interfaces({ world }: Context, params: Params) {
  const guest = findGuest(world, 'lxc', params);
  if (!guest.running) return null;
  const loopback = { name: 'lo', hwaddr: '00:00:00:00:00:00', inet: '127.0.0.1/8', inet6: '::1/128' };
  const cards = Object.entries(guest.config).filter(([key]) => /^net\d+$/.test(key));
  return [
    loopback,
    ...cards.map(([, value]) => {
      const of = (key: string) => new RegExp(`(?:^|,)${key}=([^,]+)`).exec(value)?.[1];
      const [ip, ip6] = [of('ip'), of('ip6')];
      return {
        name: of('name'),
        hwaddr: of('hwaddr')?.toLowerCase(),
        ...(ip ? { inet: ip } : {}),
        ...(ip6 ? { inet6: ip6 } : {}),
      };
    }),
  ];
}

export const statusRoutes: Routes = {
  'GET /nodes/{node}/lxc': list('lxc'),
  'GET /nodes/{node}/qemu': list('qemu'),
  'GET /nodes/{node}/lxc/{vmid}/status/current': (context, params) => current('lxc', context, params),
  'GET /nodes/{node}/qemu/{vmid}/status/current': (context, params) => current('qemu', context, params),
  'GET /nodes/{node}/lxc/{vmid}/interfaces': interfaces,
};
