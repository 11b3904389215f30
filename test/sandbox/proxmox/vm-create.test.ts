import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Cluster, openCluster } from './client.ts';

let pve: Cluster;
beforeAll(async () => {
  pve = await openCluster();
});
afterAll(() => pve.close());

const vm = '/nodes/pve1/qemu/800';
const config = async () => (await pve.call('GET', `${vm}/config`)).data as Record<string, string | number>;
const said = async (method: string, path: string, params: Record<string, string>) =>
  (await pve.call(method, path, params)).message;

test('a VM is made from nothing, with disks by size', async () => {
  const wish = { vmid: '800', name: 'bare', scsi0: 'local-lvm:32,ssd=1', net0: 'virtio,bridge=vmbr0', ostype: 'l26' };
  expect(await pve.task('POST', '/nodes/pve1/qemu', wish)).toBe('OK');
  expect(await config()).toMatchObject({
    scsi0: 'local-lvm:vm-800-disk-0,ssd=1,size=32G',
    net0: expect.stringMatching(/^virtio=BC:24:11:/),
    memory: '512',
  });
});

test('options are taken away again, before and while they wait', async () => {
  await pve.call('PUT', `${vm}/config`, { onboot: '1', cores: '2', scsi1: 'tank:10' });
  expect(await config()).toMatchObject({ onboot: 1, cores: 2, scsi1: 'tank:vm-800-disk-0,size=10G' });
  await pve.task('POST', `${vm}/status/start`);
  await pve.call('PUT', `${vm}/config`, { delete: 'onboot cores' });
  expect((await pve.call('GET', `${vm}/pending`)).data).toContainEqual({ key: 'cores', value: 2, delete: 1 });
  expect(await config()).not.toHaveProperty('onboot');
  await pve.call('PUT', `${vm}/config`, { revert: 'cores' });
  expect(await config()).toMatchObject({ cores: 2 });
});

test('a forced restore takes the place of a stopped VM', async () => {
  expect(await pve.task('POST', '/nodes/pve1/vzdump', { vmid: '800', storage: 'backup' })).toBe('OK');
  const { data } = await pve.call('GET', '/nodes/pve1/storage/backup/content', { vmid: '800' });
  const archive = (data as { volid: string }[])[0]?.volid ?? '';
  const restore = { vmid: '800', archive, force: '1', storage: 'ceph' };
  expect(await said('POST', '/nodes/pve1/qemu', restore)).toBe('unable to restore VM 800 - vm is running\n');
  await pve.task('POST', `${vm}/status/stop`);
  expect(await pve.task('POST', '/nodes/pve1/qemu', restore)).toBe('OK');
  expect(await config()).toMatchObject({
    name: 'bare',
    scsi0: expect.stringMatching(/^ceph:vm-800-disk-\d,ssd=1,size=32G$/),
  });
});

test('what only root may do, and keys that are none', async () => {
  const ct = { vmid: '801', ostemplate: 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst', rootfs: 'local-lvm:8' };
  expect(await said('POST', '/nodes/pve1/lxc', { ...ct, features: 'nesting=1,fuse=1' })).toMatch(
    /^Permission check failed/,
  );
  expect(await said('POST', '/nodes/pve1/lxc', { ...ct, mp0: '/srv,mp=/srv' })).toMatch(/^Permission check failed/);
  expect(await said('POST', '/nodes/pve1/lxc', { ...ct, 'ssh-public-keys': 'nonsense' })).toBe(
    'SSH public key validation error\n',
  );
  expect(await said('PUT', `${vm}/config`, { sshkeys: 'nonsense' })).toBe('SSH public key validation error\n');
  const key = encodeURIComponent('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEPc me@home');
  expect((await pve.call('PUT', `${vm}/config`, { sshkeys: key })).status).toBe(200);
  const dump = await pve.call('GET', `${vm}/cloudinit/dump`, { type: 'user' });
  expect(dump.data).toContain('- ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEPc me@home');
});

test('storages that are off or elsewhere', async () => {
  const clone = { newid: '802', full: '1', storage: 'tank' };
  await pve.act('set-storage', { storage: 'tank', disabled: true });
  expect(await said('POST', '/nodes/pve1/qemu/9000/clone', clone)).toBe("storage 'tank' is disabled\n");
  await pve.act('set-storage', { storage: 'tank', disabled: false, nodes: ['pve2'] });
  expect(await said('POST', '/nodes/pve1/qemu/9000/clone', clone)).toBe(
    "storage 'tank' is not available on node 'pve1'\n",
  );
});

test('a template on local storage is not cloned to another node, one on shared storage is', async () => {
  const away = { newid: '803', target: 'pve2', full: '1', storage: 'ceph' };
  const local = "can't clone VM to node 'pve2' (VM uses local storage)\n";
  expect(await said('POST', '/nodes/pve1/qemu/9000/clone', away)).toBe(local);
  await pve.task('POST', '/nodes/pve1/qemu/9000/clone', { newid: '804', full: '1', storage: 'ceph' });
  expect(await pve.task('POST', '/nodes/pve1/qemu/804/clone', away)).toBe('OK');
  expect((await pve.call('GET', '/nodes/pve2/qemu/803/config')).status).toBe(200);
});
