import { usedOn } from './disks.ts';
import { paramError } from './error.ts';
import type { Guest } from './guest.ts';
import { isTemplate, nameOf } from './guest.ts';
import { poolOf } from './pools.ts';
import { statusOf, usage } from './status.ts';
import { storageStatus } from './storage.ts';
import type { Node } from './things.ts';
import { type Context, need, type Params, type Routes, seconds, str, type World } from './world.ts';

const VERSIONS = {
  '8.4': { version: '8.4.14', release: '8.4', repoid: 'b502d23c55afcba1' },
  '9.1': { version: '9.1.1', release: '9.1', repoid: '42db4a6cf33dac83' },
};

/** Nodes that a fault keeps from answering; without quorum nobody knows anything of the others. */
function silent(world: World): (node: string) => boolean {
  const named = (name: string) =>
    world.faults.list().filter((f) => f.action.kind === 'switch' && f.action.name === name);
  const down = named('node-down').map(
    (fault) => fault.action.kind === 'switch' && (fault.action.data as { node?: string } | undefined)?.node,
  );
  const alone = named('quorum-lost').length > 0;
  return (node) => alone || down.includes(node);
}

function nodeRow(world: World, { node, cpus, memory, bootedAt }: Node) {
  const running = world.guests.values().filter((guest) => guest.node === node && guest.running);
  const mem = running.reduce((sum, guest) => sum + usage(guest).mem, 4 * 2 ** 30);
  const uptime = seconds(Date.now() - bootedAt);
  return {
    id: `node/${node}`,
    type: 'node',
    node,
    status: silent(world)(node) ? 'offline' : 'online',
    maxcpu: cpus,
    cpu: 0.03,
    maxmem: memory,
    mem,
    uptime,
    level: '',
    disk: 5 * 2 ** 30,
    maxdisk: 200 * 2 ** 30,
  };
}

function guestRow(world: World, guest: Guest, unknown: boolean) {
  const base = {
    id: `${guest.kind}/${guest.vmid}`,
    type: guest.kind,
    vmid: Number(guest.vmid),
    node: guest.node,
    template: isTemplate(guest) ? 1 : 0,
  };
  const pool = poolOf(world, guest.vmid);
  const more = { ...(pool ? { pool } : {}), ...(guest.config.tags ? { tags: guest.config.tags } : {}) };
  if (unknown) return { ...base, ...more, status: 'unknown' };
  const { cpus, maxswap: _swap, ...numbers } = usage(guest);
  return {
    ...base,
    ...more,
    name: nameOf(guest),
    status: statusOf(guest),
    maxcpu: cpus,
    ...numbers,
    ...(guest.config.lock ? { lock: guest.config.lock } : {}),
  };
}

function collect(world: World): { type: string }[] {
  const lost = silent(world);
  const nodes = world.nodes.values();
  const disks = nodes.flatMap(({ node }) =>
    world.storages.values().map((storage) => {
      const { type, total, content, shared } = storageStatus(world, storage, node);
      return {
        id: `storage/${node}/${storage.storage}`,
        type: 'storage',
        node,
        storage: storage.storage,
        status: lost(node) ? 'unknown' : 'available',
        plugintype: type,
        content,
        shared,
        maxdisk: total,
        disk: usedOn(world, storage, node),
      };
    }),
  );
  return [
    ...world.guests.values().map((guest) => guestRow(world, guest, lost(guest.node))),
    ...nodes.map((node) => nodeRow(world, node)),
    ...disks,
  ];
}

const seen = new WeakMap<World, { at: number; rows: { type: string }[] }>();

/** The cluster's list is what the nodes last told each other: up to ten seconds old. */
function resources({ world }: Context, params: Params) {
  const known = seen.get(world);
  const fresh =
    known && Date.now() - known.at < 10_000 * world.speed ? known : { at: Date.now(), rows: collect(world) };
  seen.set(world, fresh);
  const type = str(params, 'type');
  return fresh.rows.filter(
    (row) => !type || (type === 'vm' ? row.type === 'qemu' || row.type === 'lxc' : row.type === type),
  );
}

/** A hint only: nothing is reserved. */
function nextid({ world }: Context, params: Params): number {
  const wanted = str(params, 'vmid');
  if (wanted && world.guests.has(wanted)) throw paramError({ vmid: `VM ${wanted} already exists` });
  if (wanted) return Number(wanted);
  for (let vmid = 100; ; vmid++) if (!world.guests.has(String(vmid))) return vmid;
}

function status({ world }: Context, params: Params) {
  const node = world.nodes.get(need(params, 'node')) as Node;
  const { mem, maxmem, uptime, cpu } = nodeRow(world, node);
  const { version, repoid } = VERSIONS[world.version];
  return {
    uptime,
    cpu,
    cpuinfo: { cpus: node.cpus, cores: node.cpus / 2, sockets: 2, model: 'AMD EPYC 7543 32-Core Processor' },
    memory: { total: maxmem, used: mem, free: maxmem - mem },
    rootfs: { total: 200 * 2 ** 30, used: 5 * 2 ** 30, avail: 195 * 2 ** 30, free: 195 * 2 ** 30 },
    swap: { total: 0, used: 0, free: 0 },
    loadavg: ['0.42', '0.38', '0.35'],
    pveversion: `pve-manager/${version}/${repoid}`,
    kversion: 'Linux 6.17.2-1-pve',
  };
}

function clusterStatus({ world }: Context) {
  const lost = silent(world);
  const quorate = world.nodes.values().some(({ node }) => lost(node)) ? 0 : 1;
  const cluster = { id: 'cluster', type: 'cluster', name: 'sandbox', version: 2, nodes: world.nodes.size, quorate };
  return [
    cluster,
    ...world.nodes.values().map(({ node }, at) => ({
      id: `node/${node}`,
      type: 'node',
      name: node,
      nodeid: at + 1,
      ip: '127.0.0.1',
      local: at === 0 ? 1 : 0,
      online: lost(node) ? 0 : 1,
      level: '',
    })),
  ];
}

export const clusterRoutes: Routes = {
  'GET /version': ({ world }) => VERSIONS[world.version],
  'GET /nodes': ({ world }) => world.nodes.values().map((node) => nodeRow(world, node)),
  'GET /nodes/{node}/status': status,
  'GET /cluster/status': clusterStatus,
  'GET /cluster/resources': resources,
  'GET /cluster/nextid': nextid,
};
