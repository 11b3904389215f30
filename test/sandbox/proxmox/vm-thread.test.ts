import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { validateLogged } from '../../../sandbox/proxmox/validate.ts';
import { selfSigned } from './certificate.ts';
import { type Cluster, openCluster } from './client.ts';

let pve: Cluster;
beforeAll(async () => {
  pve = await openCluster();
});
afterAll(() => pve.close());

const vm = '/nodes/pve1/qemu/1105';

/** The name in the certificate that the address shows, or the error of the connection. */
function shownAt(host: string): Promise<string> {
  return new Promise((done) => {
    const socket = connect({ host, port: Number(pve.env.TLS_PORT), rejectUnauthorized: false }, () => {
      done(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => done(String(error.code)));
  });
}

describe('a VM from clone to certificate to its end', () => {
  test('is cloned from a template, with its mark', async () => {
    const clone = { newid: '1105', name: 'web-1', full: '1', storage: 'local-lvm', description: 'service 7' };
    expect(await pve.task('POST', '/nodes/pve1/qemu/9000/clone', clone)).toBe('OK');
    const { data } = await pve.call('GET', `${vm}/config`);
    expect(data).toMatchObject({ name: 'web-1', description: 'service 7', cores: 1, memory: '1024' });
    expect(data).not.toHaveProperty('template');
    expect(data).not.toHaveProperty('lock');
  });

  test('is configured and started', async () => {
    const options = { cores: '2', memory: '2048', ipconfig0: 'ip=127.64.9.5/16,gw=127.64.0.1', tags: 'hp' };
    expect((await pve.call('PUT', `${vm}/config`, { ...options, cipassword: 'secret' })).status).toBe(200);
    expect((await pve.call('GET', `${vm}/config`)).data).toMatchObject({ cores: 2, cipassword: '**********' });
    expect(await pve.task('PUT', `${vm}/resize`, { disk: 'scsi0', size: '20G' })).toBe('OK');
    expect((await pve.call('GET', `${vm}/config`)).data).toHaveProperty('scsi0', expect.stringMatching(/size=20G$/));
    expect(await pve.task('POST', `${vm}/status/start`)).toBe('OK');
    expect((await pve.call('GET', `${vm}/status/current`)).data).toMatchObject({
      status: 'running',
      qmpstatus: 'running',
      maxmem: 2 ** 31,
      cpus: 2,
    });
  });

  test('changes of a running VM wait for its next start', async () => {
    await pve.call('PUT', `${vm}/config`, { cores: '4' });
    expect((await pve.call('GET', `${vm}/config`, { current: '1' })).data).toMatchObject({ cores: 2 });
    expect((await pve.call('GET', `${vm}/pending`)).data).toContainEqual({ key: 'cores', value: 2, pending: 4 });
    expect(await pve.task('POST', `${vm}/status/reboot`)).toBe('OK');
    expect((await pve.call('GET', `${vm}/config`, { current: '1' })).data).toMatchObject({ cores: 4 });
  });

  test('serves the certificate written into it, once reloaded', async () => {
    const { key, cert } = await selfSigned('web-1.example.test');
    await pve.call('POST', `${vm}/agent/file-write`, { file: '/etc/mpanel/tls/privkey.pem', content: key });
    await pve.call('POST', `${vm}/agent/file-write`, { file: '/etc/mpanel/tls/fullchain.pem', content: cert });
    expect(await shownAt('127.64.9.5')).toBe('ECONNREFUSED');
    const { data } = await pve.call('POST', `${vm}/agent/exec`, 'command=systemctl&command=reload&command=mpanel-edge');
    const { pid } = data as { pid: number };
    const outcome = await pve.call('GET', `${vm}/agent/exec-status`, { pid: String(pid) });
    expect(outcome.data).toMatchObject({ exited: 1, exitcode: 0 });
    expect(await shownAt('127.64.9.5')).toBe('web-1.example.test');
  });

  test('a key that does not fit is refused, and the old certificate goes on', async () => {
    const { key } = await selfSigned('other.example.test');
    await pve.call('POST', `${vm}/agent/file-write`, { file: '/etc/mpanel/tls/privkey.pem', content: key });
    const { data } = await pve.call('POST', `${vm}/agent/exec`, 'command=systemctl&command=reload&command=mpanel-edge');
    const outcome = await pve.call('GET', `${vm}/agent/exec-status`, { pid: String((data as { pid: number }).pid) });
    expect(outcome.data).toMatchObject({ exitcode: 1, 'err-data': expect.stringContaining('key values mismatch') });
    expect(await shownAt('127.64.9.5')).toBe('web-1.example.test');
  });

  test('shows a wrong chain when somebody breaks it', async () => {
    await pve.act('break-edge', { vmid: 1105, name: 'wrong.example.test' });
    expect(await shownAt('127.64.9.5')).toBe('wrong.example.test');
  });

  test('of two with one address the first is heard, then the other', async () => {
    const { key, cert } = await selfSigned('twin.example.test');
    const config = { agent: '1', ipconfig0: 'ip=127.64.9.5/16' };
    await pve.act('plant-guest', { vmid: 1106, kind: 'qemu', name: 'twin', config, running: true });
    await pve.act('break-edge', { vmid: 1106, key, cert });
    expect(await shownAt('127.64.9.5')).toBe('wrong.example.test');
    await pve.act('stop-guest', { vmid: 1105 });
    expect(await shownAt('127.64.9.5')).toBe('twin.example.test');
    await pve.act('destroy-guest', { vmid: 1106 });
    await pve.act('start-guest', { vmid: 1105 });
  });

  test('is silent once stopped, and gone once destroyed', async () => {
    expect((await pve.call('DELETE', vm)).message).toBe('VM 1105 is running - destroy failed\n');
    expect(await pve.task('POST', `${vm}/status/stop`)).toBe('OK');
    expect(await shownAt('127.64.9.5')).toBe('ECONNREFUSED');
    expect(await pve.task('DELETE', vm, { purge: '1' })).toBe('OK');
    expect(await pve.call('GET', `${vm}/config`)).toMatchObject({
      status: 500,
      message: "Configuration file 'nodes/pve1/qemu-server/1105.conf' does not exist\n",
    });
  });

  test('all of it passes the validator again from the log', () => {
    const logged = pve.self.log.list();
    expect(logged.length).toBeGreaterThan(20);
    for (const entry of logged) expect(validateLogged(entry)?.errors).toBeUndefined();
  });
});
