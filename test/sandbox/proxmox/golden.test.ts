import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { validate } from '../../../sandbox/proxmox/validate.ts';

interface Row {
  method: string;
  params: Record<string, string>;
  code: 200 | 400;
  message?: string;
  errors?: Record<string, string>;
}

const { cases } = JSON.parse(readFileSync('test/data/pve/param-golden-9.1.json', 'utf8')) as { cases: Row[] };

describe('the recorded verdicts of the genuine validator', () => {
  test('there are 156', () => expect(cases).toHaveLength(156));

  test.each(cases.map((row, at) => [at, row.method, row] as const))('row %i: %s', (_at, _method, row) => {
    expect(validate(row.method, row.params, 'golden')).toEqual(row.errors);
  });

  test('of the rows that the genuine run let through unchecked, the simulator refuses these alone', () => {
    const stricter = cases.filter((row) => row.code === 200 && validate(row.method, row.params));
    const said = stricter.flatMap(({ method, params }) => Object.entries(validate(method, params) ?? {}));
    const ipv4 = 'invalid format - value does not look like a valid ipv4 network configuration\n';
    expect(said).toEqual([
      ['pool', "invalid format - pool name 't 1' contains invalid characters\n"],
      [
        'prune-backups',
        "invalid format - format error\nprune-backups.keep-last: type check ('integer') failed - got 'x'\n",
      ],
      ['ipconfig0', `invalid format - format error\nipconfig0.ip: ${ipv4}\n`],
      ['ipconfig0', "invalid format - format error\nipconfig0.ip: missing property required by 'ipconfig0.gw'\n"],
      ['poolid', "invalid format - pool name 'bad pool' contains invalid characters\n"],
    ]);
  });
});

describe('numbered options', () => {
  const ends: [string, string, number, string][] = [
    ['lxc', 'net', 31, 'name=eth0'],
    ['lxc', 'mp', 255, 'local-lvm:1,mp=/srv'],
    ['qemu', 'net', 31, 'virtio'],
    ['qemu', 'scsi', 30, 'local-lvm:1'],
    ['qemu', 'virtio', 15, 'local-lvm:1'],
    ['qemu', 'sata', 5, 'local-lvm:1'],
    ['qemu', 'ide', 3, 'local-lvm:1'],
    ['qemu', 'ipconfig', 31, 'ip=dhcp'],
  ];

  test.each(ends)('%s %s to %i', (kind, option, last, value) => {
    const verdict = (n: number) =>
      validate(`PUT /nodes/{node}/${kind}/{vmid}/config`, { node: 'pve1', vmid: '105', [`${option}${n}`]: value });
    expect([verdict(0), verdict(last)]).toEqual([undefined, undefined]);
    expect(Object.keys(verdict(last + 1) ?? {})).toEqual([`${option}${last + 1}`]);
  });
});
