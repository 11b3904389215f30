import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Cluster, openCluster } from './client.ts';

let pve: Cluster;
let authorization: string;
beforeAll(async () => {
  pve = await openCluster();
  authorization = `PVEAPIToken=${pve.env.PROXMOX_TOKEN_ID}=${pve.env.PROXMOX_TOKEN_SECRET}`;
});
afterAll(() => pve.close());

const raw = (path: string, init: RequestInit = {}) =>
  fetch(`${pve.env.PROXMOX_URL}/api2/json${path}`, { ...init, headers: { authorization, ...init.headers } });

describe('what pveproxy says before the API has its turn', () => {
  test('a success is wrapped in data', async () => {
    expect(await (await raw('/version')).json()).toEqual({ data: expect.objectContaining({ release: '9.1' }) });
  });

  test.each([
    ['', 'No ticket'],
    ['PVEAPIToken=mpanel@pve!api=wrong', 'invalid token value!'],
    ['PVEAPIToken=nobody@pve!x=y', "no such token 'x' for user 'nobody@pve'"],
  ])('401 for %j', async (header, reason) => {
    const response = await raw('/version', { headers: { authorization: header } });
    expect([response.status, response.statusText, await response.text()]).toEqual([401, reason, '']);
  });

  test('a DELETE with a body is not listened to', async () => {
    const response = await raw('/nodes/pve1/lxc/105', { method: 'DELETE', body: 'purge=1' });
    expect([response.status, response.statusText]).toEqual([501, "Unexpected content for method 'DELETE'"]);
  });

  test('neither is a chunked body, another content type, nor more than 512 KiB', async () => {
    const chunked = await new Promise<number | undefined>((done) => {
      const sent = request(`${pve.env.PROXMOX_URL}/api2/json/pools`, { method: 'POST', headers: { authorization } });
      sent.on('response', (response) => done(response.resume().statusCode));
      sent.write('poolid=a');
      sent.end();
    });
    expect(chunked).toBe(501);
    const typed = await raw('/pools', { method: 'POST', body: '<a/>', headers: { 'content-type': 'text/xml' } });
    expect(typed.status).toBe(506);
    const large = await raw('/pools', { method: 'POST', body: new URLSearchParams({ poolid: 'x'.repeat(530_000) }) });
    expect(large.status).toBe(501);
  });

  test('an unknown path is not implemented', async () => {
    expect(await pve.call('POST', '/nodes/pve1/bogus')).toMatchObject({
      status: 501,
      message: "Method 'POST /nodes/pve1/bogus' not implemented\n",
    });
  });
});

describe('parameters', () => {
  test('a refusal names each of them, in the body and in the status line', async () => {
    const answer = await pve.call('POST', '/nodes/pve1/qemu/9000/clone', { newid: '7', bogus: '1' });
    expect(answer).toEqual({
      status: 400,
      reason: 'Parameter verification failed.',
      data: null,
      message: 'Parameter verification failed.\n',
      errors: {
        newid: 'invalid format - value does not look like a valid VM ID\n',
        bogus: 'property is not defined in schema and the schema does not allow additional properties',
      },
    });
  });

  test('path and body must agree', async () => {
    const { status, errors } = await pve.call('PUT', '/nodes/pve1/qemu/9000/config', { vmid: '9001' });
    expect([status, errors]).toEqual([400, { vmid: expect.stringContaining('conflicting') }]);
  });

  test('JSON booleans count, and a bare second = ends a value', async () => {
    const json = { method: 'PUT', headers: { 'content-type': 'application/json' } };
    const put = await raw('/nodes/pve1/qemu/9000/config', {
      ...json,
      body: JSON.stringify({ onboot: true, cores: 3 }),
    });
    expect(put.status).toBe(200);
    expect((await pve.call('GET', '/nodes/pve1/qemu/9000/config')).data).toMatchObject({ onboot: 1, cores: 3 });
    await pve.call('PUT', '/nodes/pve1/qemu/9000/config', 'description=a=b');
    expect((await pve.call('GET', '/nodes/pve1/qemu/9000/config')).data).toMatchObject({ description: 'a' });
  });
});

describe('rights and nodes', () => {
  test('rights come before existence', async () => {
    const watcher = { authorization: authorization.replace('mpanel@pve!api', 'watcher@pve!api') };
    const refused = await raw('/nodes/pve1/lxc/999/status/start', { method: 'POST', headers: watcher });
    expect([refused.status, refused.statusText]).toEqual([403, 'Permission check failed (/vms/999, VM.PowerMgmt)']);
    const allowed = await raw('/nodes', { headers: watcher });
    expect(allowed.status).toBe(200);
  });

  test('a node nobody knows cannot be reached, and a full name fails its certificate', async () => {
    expect((await pve.call('GET', '/nodes/pve9/status')).status).toBe(595);
    expect((await pve.call('GET', '/nodes/pve1.example.test/status')).status).toBe(596);
  });
});

describe('tickets', () => {
  const login = async (username: string, password: string) =>
    (
      await raw('/access/ticket', {
        method: 'POST',
        headers: { authorization: '' },
        body: new URLSearchParams({ username, password }),
      })
    ).json();
  const write = (ticket: string, token: string) =>
    raw('/pools', {
      method: 'POST',
      headers: { authorization: '', cookie: `PVEAuthCookie=${encodeURIComponent(ticket)}`, csrfpreventiontoken: token },
      body: new URLSearchParams({ poolid: 'by-ticket' }),
    });

  test('are given for a password, and need their CSRF token to write', async () => {
    expect(await login('root@pam', 'wrong')).toEqual({ data: null, message: 'authentication failure\n' });
    const { data } = (await login('root@pam', 'sandbox-root')) as {
      data: { ticket: string; CSRFPreventionToken: string };
    };
    expect((await write(data.ticket, '')).statusText).toBe('Permission denied - invalid csrf token');
    expect((await write(`${data.ticket}0`, data.CSRFPreventionToken)).statusText).toBe('invalid PVE ticket');
    expect((await write(data.ticket, data.CSRFPreventionToken)).status).toBe(200);
    expect(await login('root@pam', data.ticket)).toHaveProperty('data.ticket');
  });
});
