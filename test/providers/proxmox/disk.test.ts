import { expect, test } from '@jest/globals';
import { rootDisk } from '../../../providers/proxmox/disk.ts';

const cdrom = 'local-lvm:vm-105-cloudinit,media=cdrom,size=4M';

test.each([
  ['lxc', { rootfs: 'local-lvm:vm-105-disk-0,size=8G', mp0: 'x:y,size=9G' }, { key: 'rootfs', sizeGb: 8 }],
  ['qemu', { boot: 'order=virtio1;scsi0', scsi0: 'x,size=1G', virtio1: 'x,size=2G' }, { key: 'virtio1', sizeGb: 2 }],
  ['qemu', { boot: 'order=ide2;scsi0;net0', ide2: cdrom, scsi0: 'x,size=3G' }, { key: 'scsi0', sizeGb: 3 }],
  ['qemu', { boot: 'cdn', bootdisk: 'sata0', scsi0: 'x,size=1G', sata0: 'x,size=4G' }, { key: 'sata0', sizeGb: 4 }],
  ['qemu', { virtio0: 'x,discard=on,size=2252M,ssd=1' }, { key: 'virtio0', sizeGb: 2252 / 1024 }],
  ['qemu', { scsi0: 'x,size=1T' }, { key: 'scsi0', sizeGb: 1024 }],
  ['qemu', { scsi0: 'x,size=1073741824' }, { key: 'scsi0', sizeGb: 1 }],
  ['qemu', { ide2: cdrom, net0: 'virtio' }, undefined],
] as const)('%s %j', (kind, config, disk) => expect(rootDisk(kind, config)).toEqual(disk));
