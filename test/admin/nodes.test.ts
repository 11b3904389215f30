import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Image, Node } from '../../db/entities/index.ts';
import { type OpenDesk, openDesk } from './support.ts';

let desk: OpenDesk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const PVE1 = 'nodes add pve1 --ip 10.0.0.11 --cores 64 --memory 256G --disk 4T';

test('a node is added with what may be sold of it, and changed', async () => {
  expect((await desk.say(PVE1)).code).toBe(0);
  await desk.say('nodes set pve1 --disk 2000G --storage ceph --bridge vmbr1');
  await desk.em().nativeUpdate(Node, { name: 'pve1' }, { lastHeartbeatAt: new Date('2026-01-02T03:04:05.678Z') });
  expect(await desk.rows('nodes list')).toEqual([
    expect.objectContaining({
      ...{ name: 'pve1', role: 'hypervisor', status: 'offline', ip: '10.0.0.11', guests: 0 },
      ...{ heartbeat: '2026-01-02T03:04:05Z', cores: '0/64', memoryMb: '0/262144', diskGb: '0/2000' },
    }),
  ]);
});

test.each([
  [PVE1, 1, 'The node pve1 is known'],
  ['nodes set pve9 --cores 4', 1, 'There is no node pve9'],
  ['nodes set pve1', 64, 'Nothing to change'],
  ['nodes add pve2 --ip 10.0.0.12 --cores many --memory 1G --disk 1G', 64, '--cores must be a whole number'],
  ['nodes add pve2 --ip nowhere --cores 4 --memory 1G --disk 1G', 64, '--ip must be an IP address'],
  ['nodes add pve2 --ip 10.0.0.12 --cores 4 --memory 256 --disk 1G', 64, '--memory must be a size'],
  ['nodes add pve2 --ip 10.0.0.12 --cores 4 --memory 1G', 64, '--disk is missing'],
  ['nodes add "pve 2" --ip 10.0.0.12 --cores 4 --memory 1G --disk 1G', 64, 'not a node’s name'],
  ['nodes set pve1 --status away', 64, '--status must be online or offline'],
  ['nodes set pve1 --colour red', 64, 'Unknown option'],
  ['nodes set pve1 pve2 --cores 1', 64, 'one word too many'],
  ['nodes paint pve1', 64, 'Usage'],
  ['nodes', 64, 'nodes add NAME'],
  ['dance', 64, "no command 'dance'"],
])('%s ends with %i: %s', async (line, code, why) => {
  const said = await desk.say(line);
  expect(said.code).toBe(code);
  expect(said.text.replaceAll("'s", '’s')).toContain(why.replaceAll("'s", '’s'));
});

test('a template is added once per node, changed by adding it again, and disabled', async () => {
  await desk.say('templates add debian-12 --node pve1 --vmid 9000 --title "Debian 12"');
  await desk.say('templates add debian-12 --lxc local:vztmpl/debian-12.tar.zst');
  expect((await desk.say('templates add debian-12 --node pve1 --vmid 9001')).text).toBe(
    'Changed debian-12 (qemu on pve1).',
  );
  await desk.say('templates add debian-12 --lxc local:vztmpl/debian-12b.tar.zst');
  await desk.say('templates disable debian-12 --kind lxc');
  const images = await desk.em().find(Image, {}, { orderBy: { kind: 'asc' } });
  expect(images).toMatchObject([
    { kind: 'lxc', volume: 'local:vztmpl/debian-12b.tar.zst', enabled: false },
    { kind: 'qemu', node: 'pve1', vmid: 9001, enabled: true },
  ]);
});

test.each([
  ['templates add debian-12 --node pve7 --vmid 9000', 1, 'There is no hypervisor pve7'],
  ['templates add debian-12 --node pve1', 64, '--node and --vmid, or --lxc'],
  ['templates add debian-12 --lxc debian.tar', 64, '--lxc must be like'],
  ['templates add Debian --lxc local:vztmpl/x', 64, 'not a template'],
  ['templates disable arch', 1, 'There is no such template arch'],
])('%s ends with %i: %s', async (line, code, why) => {
  expect(await desk.say(line)).toEqual({ code, text: expect.stringContaining(why) });
});

test('a template may not lie among the guests', async () => {
  await desk.say('pool vmids add 20000-20010');
  expect((await desk.say('templates add rocky-9 --node pve1 --vmid 20005')).text).toBe(
    'VMID 20005 lies in the pool for guests.',
  );
});

test('help says what each command takes', async () => {
  const { code, text } = await desk.say('help');
  expect(code).toBe(0);
  expect(text).toContain('pool addresses add CIDR --gateway ADDRESS [--prefix LENGTH]');
  expect((await desk.say('nodes --help')).text).not.toContain('pool');
});
