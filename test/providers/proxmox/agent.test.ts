import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Setting, setting, vm } from './setting.ts';

let s: Setting;
beforeEach(async () => {
  s = await setting();
  await s.makeVm();
});
afterEach(() => s.close());

test('does not answer in a stopped guest, and does in a running one', async () => {
  expect(await s.proxmox.agentPing(vm)).toBe(false);
  await s.ok(s.proxmox.start(vm));
  expect(await s.proxmox.agentPing(vm)).toBe(true);
});

test('that never comes up does not answer', async () => {
  await s.ok(s.proxmox.start(vm));
  s.fault('agent/ping', 'agent-never-answers');
  expect(await s.proxmox.agentPing(vm)).toBe(false);
});

test('of a guest that is nowhere is an error', async () => {
  await expect(s.proxmox.agentPing({ ...vm, vmid: 999 })).rejects.toMatchObject({ kind: 'absent' });
});

test('writes files of up to 60 KiB', async () => {
  await s.ok(s.proxmox.start(vm));
  const pem = `-----BEGIN CERTIFICATE-----\n${'A+/='.repeat(9000)}\n-----END CERTIFICATE-----\n`;
  await s.proxmox.agentWriteFile(vm, '/etc/ssl/private/web one.pem', pem);
  const state = JSON.stringify(await s.running.state());
  expect(state).toContain('/etc/ssl/private/web one.pem');
  await expect(s.proxmox.agentWriteFile(vm, '/x', 'x'.repeat(61441))).rejects.toMatchObject({ kind: 'refused' });
});

test('runs a command with its arguments as they are', async () => {
  await s.ok(s.proxmox.start(vm));
  const command = ['touch', 'a b', 'c&d=1'];
  expect(await s.proxmox.agentExec(vm, command, 2000)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  const { body } = s.requests('agent/exec$')[0]!.request as { body: string };
  expect(new URLSearchParams(body).getAll('command')).toEqual(command);
});

test('tells how a command failed', async () => {
  await s.ok(s.proxmox.start(vm));
  const reload = await s.proxmox.agentExec(vm, ['systemctl', 'reload', 'web'], 2000);
  expect(reload).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('certificate') });
  const killed = { kind: 'status', status: 200, body: { data: { exited: 1, signal: 9 } } } as const;
  s.self.faults.add({ match: 'exec-status', phase: 'before', action: killed });
  expect(await s.proxmox.agentExec(vm, ['true'], 2000)).toMatchObject({ exitCode: 137 });
});

test('is not waited for longer than was said', async () => {
  await s.ok(s.proxmox.start(vm));
  const running = { kind: 'status', status: 200, body: { data: { exited: 0 } } } as const;
  s.self.faults.add({ match: 'exec-status', phase: 'before', times: null, action: running });
  await expect(s.proxmox.agentExec(vm, ['sleep', '60'], 250)).rejects.toMatchObject({ kind: 'unknown' });
});
