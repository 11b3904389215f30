import { keepVolume } from './disks.ts';
import { newGuest } from './guest.ts';
import { withMac } from './identity.ts';
import { GIB, type Storage, sizeText } from './things.ts';
import type { World } from './world.ts';

/** Container templates that the appliance index offers; the first two are on every node. */
export const TEMPLATES = [
  'debian-12-standard_12.7-1_amd64.tar.zst',
  'ubuntu-24.04-standard_24.04-2_amd64.tar.zst',
  'alpine-3.22-default_20250617_amd64.tar.xz',
];

export const TOKEN = { id: 'mpanel@pve!api', secret: '4f1d0c52-7a5e-4d0e-9c3a-2b8f6f1f0a11', rights: 'all' as const };

const STORAGES: Omit<Storage, 'base'>[] = [
  {
    storage: 'local',
    type: 'dir',
    content: ['vztmpl', 'iso', 'backup', 'snippets'],
    shared: false,
    total: 200 * GIB,
    snapshots: false,
  },
  {
    storage: 'local-lvm',
    type: 'lvmthin',
    content: ['images', 'rootdir'],
    shared: false,
    total: 100_000 * GIB,
    snapshots: true,
  },
  {
    storage: 'tank',
    type: 'zfspool',
    content: ['images', 'rootdir'],
    shared: false,
    total: 4000 * GIB,
    snapshots: true,
  },
  { storage: 'ceph', type: 'rbd', content: ['images', 'rootdir'], shared: true, total: 200_000 * GIB, snapshots: true },
  { storage: 'backup', type: 'nfs', content: ['backup'], shared: true, total: 10_000 * GIB, snapshots: false },
];

const VM_TEMPLATES: [string, string, string][] = [
  ['9000', 'pve1', 'debian-12-cloud'],
  ['9001', 'pve1', 'ubuntu-24.04-cloud'],
  ['9010', 'pve2', 'debian-12-cloud'],
  ['9011', 'pve2', 'ubuntu-24.04-cloud'],
];

/** What stands in the cluster before anybody orders anything: two nodes, five storages, four VM templates. */
export function seed(world: World): void {
  if (world.nodes.size) return;
  for (const node of ['pve1', 'pve2']) {
    world.nodes.set(node, { node, cpus: 64, memory: 512 * GIB, bootedAt: Date.now() - 86_400_000 });
    for (const template of TEMPLATES.slice(0, 2)) {
      const volid = `local:vztmpl/${template}`;
      keepVolume(world, {
        volid,
        node,
        storage: 'local',
        content: 'vztmpl',
        format: 'tzst',
        size: 130 * 2 ** 20,
        ctime: 1_735_689_600,
      });
    }
  }
  for (const storage of STORAGES) world.storages.set(storage.storage, { ...storage, base: 5 * GIB });
  for (const [vmid, node, name] of VM_TEMPLATES) plantTemplate(world, vmid, node, name);
  world.tokens.set(TOKEN.id, TOKEN);
  world.tokens.set('root@pam', { id: 'root@pam', secret: 'sandbox-root', rights: 'all' });
  world.tokens.set('watcher@pve!api', { ...TOKEN, id: 'watcher@pve!api', rights: 'read' });
}

function plantTemplate(world: World, vmid: string, node: string, name: string): void {
  const size = 4 * GIB;
  const volid = `local-lvm:base-${vmid}-disk-0`;
  keepVolume(world, {
    volid,
    node,
    storage: 'local-lvm',
    content: 'images',
    format: 'raw',
    size,
    ctime: 1_735_689_600,
    vmid,
  });
  const config = {
    name,
    template: '1',
    agent: 'enabled=1',
    boot: 'order=scsi0',
    cores: '1',
    sockets: '1',
    memory: '1024',
    ostype: 'l26',
    scsihw: 'virtio-scsi-single',
    serial0: 'socket',
    vga: 'serial0',
    net0: withMac('virtio,bridge=vmbr0', 'qemu'),
    scsi0: `${volid},size=${sizeText(size)}`,
    ide2: `local-lvm:vm-${vmid}-cloudinit,media=cdrom`,
    ciuser: 'root',
    ipconfig0: 'ip=dhcp',
    vmgenid: crypto.randomUUID(),
    smbios1: `uuid=${crypto.randomUUID()}`,
  };
  world.guests.set(vmid, newGuest(vmid, 'qemu', node, config));
}
