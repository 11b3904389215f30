import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CONTAINER_TEMPLATE, container, type Setting, setting, spec, TEMPLATE, vm } from './setting.ts';

let s: Setting;
beforeEach(async () => {
  s = await setting({ rude: /does not look like a valid DNS name/ });
});
afterEach(() => s.close());

describe('a virtual machine', () => {
  test('is cloned with our mark and then has the plan', async () => {
    await s.act('set-config', { vmid: 9000, config: { sockets: '2' } });
    await s.ok(s.proxmox.cloneVm(TEMPLATE, spec));
    const fresh = { mark: spec.mark, cores: 2, memoryMb: 1024, diskGb: 4, status: 'stopped' };
    expect(await s.proxmox.read(vm)).toMatchObject(fresh);
    await s.proxmox.configureVm(vm, spec);
    await s.ok(s.proxmox.growDisk(vm, 10));
    const view = await s.proxmox.read(vm);
    expect(view).toMatchObject({
      ...vm,
      name: 'web1.example.com',
      cores: 2,
      memoryMb: 2048,
      diskGb: 10,
      onboot: true,
      lock: undefined,
      config: { tags: 'mpanel', ipconfig0: 'ip=127.64.0.5/16,gw=127.64.0.1', nameserver: '1.1.1.1 9.9.9.9' },
    });
    expect(Number(view?.config.ciupgrade)).toBe(0);
    expect(view?.config.net0).toContain('virtio=BC:24:11:00:00:05,bridge=vmbr0,firewall=1');
    expect(decodeURIComponent(String(view?.config.sshkeys))).toBe(spec.sshKeys.join('\n'));
  });

  test("loses its template's keys and name servers where the plan has none", async () => {
    await s.act('set-config', { vmid: 9000, config: { sshkeys: 'ssh-rsa%20AAAA%20author', nameserver: '10.0.0.1' } });
    await s.ok(s.proxmox.cloneVm(TEMPLATE, spec));
    await s.proxmox.configureVm(vm, { ...spec, sshKeys: [], nameservers: [] });
    const { config } = (await s.proxmox.read(vm))!;
    expect(config.sshkeys).toBeUndefined();
    expect(config.nameserver).toBeUndefined();
  });

  test('is not configured without our mark', async () => {
    await s.act('plant-guest', { vmid: 105, kind: 'qemu', description: 'mpanel:another' });
    await expect(s.proxmox.configureVm(vm, spec)).rejects.toMatchObject({ kind: 'conflict' });
    expect(s.requests('^PUT')).toEqual([]);
  });

  test('of a template that is gone is refused for good', async () => {
    const gone = s.proxmox.cloneVm({ node: 'pve1', vmid: 9099 }, spec);
    await expect(gone).rejects.toMatchObject({ kind: 'refused' });
  });

  test('is cloned from where its template is now', async () => {
    await s.ok(s.proxmox.cloneVm({ ...TEMPLATE, vmid: 9010 }, { ...spec, node: 'pve2' }));
    expect(await s.proxmox.locate(105)).toEqual({ ...vm, node: 'pve2' });
  });

  test('under a taken id is a conflict', async () => {
    await s.act('plant-guest', { vmid: 105 });
    await expect(s.proxmox.cloneVm(TEMPLATE, spec)).rejects.toMatchObject({ kind: 'conflict' });
  });
});

describe('a container', () => {
  test('is created with its plan', async () => {
    await s.makeContainer();
    const view = await s.proxmox.read(container);
    expect(view).toMatchObject({
      ...container,
      mark: spec.mark,
      cores: 2,
      memoryMb: 2048,
      diskGb: 10,
      onboot: true,
      status: 'stopped',
      config: { hostname: 'web1.example.com', tags: 'mpanel', unprivileged: expect.anything(), features: 'nesting=1' },
    });
    const net0 = 'name=eth0,hwaddr=BC:24:11:00:00:05,bridge=vmbr0,firewall=1,ip=127.64.0.5/16,gw=127.64.0.1';
    expect(String(view?.config.net0).split(',').sort()).toEqual(expect.arrayContaining(net0.split(',').sort()));
  });

  test('with a VLAN, IPv6 and no keys', async () => {
    const ipv6 = { cidr: '2001:db8::5/64', gateway: '2001:db8::1' };
    const network = { ...spec.network, vlan: 12, ipv6 };
    await s.ok(s.proxmox.createContainer(CONTAINER_TEMPLATE, { ...spec, network, sshKeys: [], nameservers: [] }));
    const { config } = (await s.proxmox.read(container))!;
    expect(config.net0).toContain('tag=12');
    expect(config.net0).toContain('ip6=2001:db8::5/64,gw6=2001:db8::1');
  });

  test('from a template that is gone is refused for good', async () => {
    const gone = s.ok(s.proxmox.createContainer('local:vztmpl/gone_1_amd64.tar.zst', spec));
    await expect(gone).rejects.toThrow(/refused|does not exist/);
  });

  test('with a parameter that Proxmox does not take names the parameter', async () => {
    const bad = s.proxmox.createContainer(CONTAINER_TEMPLATE, { ...spec, hostname: 'bad_host' });
    await expect(bad).rejects.toMatchObject({
      kind: 'refused',
      code: '400',
      detail: expect.stringContaining('hostname:'),
    });
  });
});

describe('a change', () => {
  test('of the plan', async () => {
    await s.makeVm();
    await s.proxmox.setPlan(vm, { cores: 4, memoryMb: 4096 });
    expect(await s.proxmox.read(vm)).toMatchObject({ cores: 4, memoryMb: 4096 });
  });

  test('of a container', async () => {
    await s.makeContainer();
    await s.proxmox.setPlan(container, { cores: 1, memoryMb: 512 });
    await s.proxmox.setOnboot(container, false);
    await s.ok(s.proxmox.growDisk(container, 20));
    expect(await s.proxmox.read(container)).toMatchObject({ cores: 1, memoryMb: 512, onboot: false, diskGb: 20 });
  });

  test('of the disk: no change is done, shrinking refused', async () => {
    await s.makeVm();
    expect(await s.proxmox.growDisk(vm, 4)).toBeUndefined();
    await expect(s.proxmox.growDisk(vm, 3)).rejects.toMatchObject({ kind: 'refused' });
    expect(s.requests('resize')).toEqual([]);
  });
});

describe('power', () => {
  test.each([
    ['a VM', vm],
    ['a container', container],
  ])('%s is started and stopped once', async (_, guest) => {
    await (guest.kind === 'lxc' ? s.makeContainer() : s.makeVm());
    await s.ok(s.proxmox.start(guest));
    expect(await s.proxmox.start(guest)).toBeUndefined();
    expect((await s.proxmox.read(guest))?.status).toBe('running');
    await s.ok(s.proxmox.stop(guest));
    expect(await s.proxmox.stop(guest)).toBeUndefined();
    expect((await s.proxmox.read(guest))?.status).toBe('stopped');
  });

  test('started by somebody else in between is started', async () => {
    await s.makeContainer();
    s.fails('^POST .*/status/start', 500, 'CT 105 already running');
    await expect(s.proxmox.start(container)).rejects.toMatchObject({ kind: 'conflict' });
    await s.act('start-guest', { vmid: 105 });
    expect(await s.proxmox.start(container)).toBeUndefined();
  });
});

describe('destroying', () => {
  test('takes the guest, and is done when it is gone', async () => {
    await s.makeVm();
    await s.ok(s.proxmox.destroy(vm, spec.mark));
    expect(await s.proxmox.read(vm)).toBeUndefined();
    expect(await s.proxmox.locate(105)).toBeUndefined();
    expect(await s.proxmox.destroy(vm, spec.mark)).toBeUndefined();
  });

  test('leaves a foreign guest under our id alone', async () => {
    await s.act('plant-guest', { vmid: 105, description: 'mpanel:another' });
    await expect(s.proxmox.destroy(vm, spec.mark)).rejects.toMatchObject({ kind: 'conflict' });
    await s.act('set-config', { vmid: 105, config: { description: null } });
    await expect(s.proxmox.destroy(vm, spec.mark)).rejects.toMatchObject({ kind: 'conflict' });
    expect(s.requests('^DELETE')).toEqual([]);
  });

  test('a running guest is busy', async () => {
    await s.makeContainer();
    await s.ok(s.proxmox.start(container));
    await expect(s.ok(s.proxmox.destroy(container, spec.mark))).rejects.toThrow(/running/);
    expect((await s.proxmox.read(container))?.status).toBe('running');
  });
});
