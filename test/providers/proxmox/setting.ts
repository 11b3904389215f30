import { createProxmox } from '../../../providers/proxmox/client.ts';
import type { GuestRef, GuestSpec, Proxmox, Upid } from '../../../providers/proxmox/port.ts';
import { start } from '../../../sandbox/proxmox/index.ts';
import { startStandIn } from '../../support/sandbox.ts';

export const TEMPLATE = { node: 'pve1', vmid: 9000 };
export const CONTAINER_TEMPLATE = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';

export const spec: GuestSpec = {
  vmid: 105,
  node: 'pve1',
  hostname: 'web1.example.com',
  mark: '0190a0b0-0000-7000-8000-000000000001',
  cores: 2,
  memoryMb: 2048,
  diskGb: 10,
  storage: 'local-lvm',
  network: {
    bridge: 'vmbr0',
    mac: 'BC:24:11:00:00:05',
    ipv4: { cidr: '127.64.0.5/16', gateway: '127.64.0.1' },
  },
  nameservers: ['1.1.1.1', '9.9.9.9'],
  sshKeys: [
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl one+two@example.com',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIyvpGVcDNMVxWwNR7wqZ8hNCtrCOFkqp2IAgM6ED1gD three',
  ],
  rootPassword: 'p&ss=w%rd +1 ü',
};

export const vm: GuestRef = { node: 'pve1', vmid: 105, kind: 'qemu' };
export const container: GuestRef = { ...vm, kind: 'lxc' };

/** @param rude objections of Proxmox that the test is after */
export async function setting({ speed = 0, rude = /^$/ } = {}) {
  const sandbox = await startStandIn('proxmox', start, { speed, rude });
  const connect = (timeoutMs: number): Proxmox =>
    createProxmox({
      url: sandbox.env.PROXMOX_URL!,
      tokenId: sandbox.env.PROXMOX_TOKEN_ID!,
      tokenSecret: sandbox.env.PROXMOX_TOKEN_SECRET!,
      timeoutMs,
    });
  const proxmox = connect(5000);

  async function ok(submitted: Promise<Upid | undefined>): Promise<void> {
    const upid = await submitted;
    if (!upid) return;
    for (;;) {
      const status = await proxmox.taskStatus(upid);
      if (status.state === 'ok') return;
      if (status.state !== 'running') throw new Error(`${upid}: ${JSON.stringify(status)}`);
    }
  }

  return {
    ...sandbox,
    proxmox,
    connect,
    /** Submits and waits for the task's good end. */
    ok,
    act: (verb: string, body: Record<string, unknown>) => sandbox.running.acts![verb]!(body),
    async makeVm(): Promise<void> {
      await ok(proxmox.cloneVm(TEMPLATE, spec));
      await proxmox.configureVm(vm, spec);
    },
    makeContainer: () => ok(proxmox.createContainer(CONTAINER_TEMPLATE, spec)),
    requests: (match: string) => sandbox.self.log.list({ match }),
    fault: (match: string, name: string, data?: unknown) =>
      sandbox.self.faults.add({ match, phase: 'switch', action: { kind: 'switch', name, data } }),
    /** A failure as Proxmox tells it. */
    fails: (match: string, status: number, message: string, times = 1) =>
      sandbox.self.faults.add({
        match,
        phase: 'before',
        times,
        action: { kind: 'status', status, body: { data: null, message: `${message}\n` } },
      }),
  };
}

export type Setting = Awaited<ReturnType<typeof setting>>;
