import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Cluster, openCluster } from './client.ts';

let pve: Cluster;
beforeAll(async () => {
  pve = await openCluster();
});
afterAll(() => pve.close());

const ct = '/nodes/pve1/lxc/205';
const ostemplate = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';
const net0 = 'name=eth0,bridge=vmbr0,ip=10.0.0.5/24,gw=10.0.0.1,firewall=1';
const wish = { vmid: '205', ostemplate, rootfs: 'local-lvm:8', hostname: 'web', password: 'secret', net0 };
const said = async (method: string, path: string, params: Record<string, string> = {}) =>
  (await pve.call(method, path, params)).message;

describe('a container', () => {
  test('is created and started by two tasks, one after the other', async () => {
    const create = { ...wish, start: '1', description: 'service 8', tags: 'mp;hp' };
    expect(await pve.task('POST', '/nodes/pve1/lxc', create)).toBe('OK');
    expect((await pve.call('GET', `${ct}/status/current`)).data).toMatchObject({
      status: 'running',
      type: 'lxc',
      name: 'web',
    });
    const { data } = await pve.call('GET', '/nodes/pve1/tasks', { vmid: '205', source: 'all' });
    expect((data as { type: string; status: string }[]).map(({ type, status }) => [type, status])).toEqual([
      ['vzstart', 'OK'],
      ['vzcreate', 'OK'],
    ]);
  });

  test('has the config it was given, with what PVE adds and without the password', async () => {
    const { data } = await pve.call('GET', `${ct}/config`);
    expect(data).toMatchObject({
      hostname: 'web',
      description: 'service 8\n',
      rootfs: 'local-lvm:vm-205-disk-0,size=8G',
      memory: 512,
      unprivileged: 1,
      ostype: 'debian',
      tags: 'hp;mp',
      net0: expect.stringMatching(/hwaddr=BC:24:11:.*type=veth/),
      digest: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    expect(data).not.toHaveProperty('password');
    expect((await pve.call('GET', `${ct}/interfaces`)).data).toContainEqual(
      expect.objectContaining({ inet: '10.0.0.5/24' }),
    );
  });

  test('its id is taken', async () => {
    const taken = "unable to create CT 205 - CT 205 already exists on node 'pve1'\n";
    expect(await said('POST', '/nodes/pve1/lxc', wish)).toBe(taken);
    expect((await pve.call('GET', '/cluster/nextid', { vmid: '205' })).errors).toEqual({
      vmid: 'VM 205 already exists',
    });
    const clone = { newid: '205' };
    expect(await said('POST', '/nodes/pve1/qemu/9000/clone', clone)).toBe("CT 205 already exists on node 'pve1'\n");
    expect(await said('POST', '/nodes/pve1/qemu/9000/clone', { newid: '9001' })).toBe(
      'unable to create VM 9001: config file already exists\n',
    );
  });

  test('a template that is gone is found out in the task, which takes back what it made', async () => {
    const lost = { ...wish, vmid: '206', ostemplate: 'local:vztmpl/lost.tar.zst' };
    expect(await pve.task('POST', '/nodes/pve1/lxc', lost)).toBe(
      "unable to create CT 206 - volume 'local:vztmpl/lost.tar.zst' does not exist",
    );
    expect(await said('GET', '/nodes/pve1/lxc/206/config')).toBe(
      "Configuration file 'nodes/pve1/lxc/206.conf' does not exist\n",
    );
  });

  test('storages that do not exist, do not fit or are too small', async () => {
    const on = (rootfs: string) => pve.task('POST', '/nodes/pve1/lxc', { ...wish, vmid: '207', rootfs });
    expect(await on('nowhere:8')).toBe("unable to create CT 207 - storage 'nowhere' does not exist");
    expect(await on('local:8')).toBe(
      "unable to create CT 207 - storage 'local' does not support container directories",
    );
    expect(await on('tank:900000')).toMatch(/^unable to create CT 207 - not enough free space \(\d+ < \d+\)$/);
  });

  test('starting what runs and stopping what does not', async () => {
    expect(await said('POST', `${ct}/status/start`)).toBe('CT 205 already running\n');
    expect(await pve.task('POST', `${ct}/status/shutdown`, { timeout: '30' })).toBe('OK');
    expect(await said('POST', `${ct}/status/stop`)).toBe('CT 205 not running\n');
    expect(await pve.task('POST', '/nodes/pve1/qemu/9000/status/stop')).toBe('OK');
    expect(await pve.task('POST', '/nodes/pve1/qemu/9000/status/start')).toBe(
      "you can't start a vm if it's a template",
    );
  });

  test('disks only grow', async () => {
    const resize = (size: string) => said('PUT', `${ct}/resize`, { disk: 'rootfs', size });
    expect(await pve.task('PUT', `${ct}/resize`, { disk: 'rootfs', size: '+4G' })).toBe('OK');
    expect(await resize('12G')).toBe('disk is already at specified size\n');
    expect(await resize('5G')).toBe('unable to shrink disk size\n');
    const vm = '/nodes/pve1/qemu/9000/resize';
    expect(await said('PUT', vm, { disk: 'scsi0', size: '1G' })).toBe('shrinking disks is not supported\n');
  });

  test('a config that somebody else changed meanwhile is not overwritten', async () => {
    const { data } = await pve.call('GET', `${ct}/config`);
    const { digest } = data as { digest: string };
    await pve.act('set-config', { vmid: 205, config: { memory: '768' } });
    expect(await said('PUT', `${ct}/config`, { memory: '1024', digest })).toBe(
      'detected modified configuration - file changed by other user? Try again.\n',
    );
    expect(await said('PUT', `${ct}/config`, { lock: 'backup' })).toBe("only root can set 'lock' config\n");
  });

  test('locks, protection and HA keep it from being destroyed', async () => {
    await pve.act('set-config', { vmid: 205, config: { lock: 'backup' } });
    expect(await said('DELETE', ct)).toBe('CT is locked (backup)\n');
    await pve.act('set-config', { vmid: 205, config: { lock: null, protection: '1' } });
    expect(await said('DELETE', ct)).toBe("can't remove CT 205 - protection mode enabled\n");
    await pve.act('set-config', { vmid: 205, config: { protection: null } });
    await pve.call('POST', '/cluster/ha/resources', { sid: 'ct:205' });
    expect(await said('DELETE', ct)).toBe(
      'unable to remove CT 205 - used in HA resources and purge parameter not set.\n',
    );
    await pve.act('start-guest', { vmid: 205 });
    expect(await said('DELETE', ct, { purge: '1' })).toBe('unable to destroy CT 205 - container is running\n');
    expect(await pve.task('DELETE', ct, { purge: '1', force: '1' })).toBe('OK');
    expect((await pve.call('GET', '/cluster/ha/resources')).data).toEqual([]);
    const state = (await pve.running.state()) as { volumes: { vmid?: string }[] };
    expect(state.volumes.filter(({ vmid }) => vmid === '205')).toEqual([]);
  });
});
