import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { encodeForm, path } from '../../../providers/proxmox/api.ts';
import { createProxmox } from '../../../providers/proxmox/client.ts';
import { type Setting, setting, spec, vm } from './setting.ts';

let s: Setting;
beforeEach(async () => {
  s = await setting({ rude: /must be at least 5 characters/ });
});
afterEach(() => s.close());

test('a form has booleans as 1 and 0, lists as repeated keys, and leaves out what is undefined', () => {
  expect(encodeForm({ a: true, b: false, c: 0, d: undefined, e: ['x y', '&='], f: 'ü+' })).toBe(
    'a=1&b=0&c=0&e=x+y&e=%26%3D&f=%C3%BC%2B',
  );
  expect(path`/nodes/${'a/b'}/storage/${'x:y'}`).toBe('/nodes/a%2Fb/storage/x%3Ay');
});

test('every call carries the token, and a length where it has a body', async () => {
  await s.makeVm();
  for (const { request } of s.requests('.')) {
    const { headers, body } = request as { headers: Record<string, string>; body: string };
    expect(headers.authorization).toMatch(/^PVEAPIToken=.+@.+!.+=.+$/);
    expect(headers['transfer-encoding']).toBeUndefined();
    if (body) expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
  }
});

test('no secret gets into an error', async () => {
  const wrong = createProxmox({ url: s.env.PROXMOX_URL!, tokenId: 'a@pve!b', tokenSecret: 's3cret', timeoutMs: 9000 });
  const denied = await wrong.nodes().catch((error: unknown) => error);
  expect(denied).toMatchObject({ kind: 'denied', code: '401' });
  expect(JSON.stringify(denied)).not.toContain('s3cret');
  const bad = await s.proxmox.createContainer('x', { ...spec, rootPassword: 'pwd!' }).catch((error: unknown) => error);
  expect(bad).toMatchObject({ kind: 'refused', detail: expect.stringContaining('password:') });
  expect(JSON.stringify(bad)).not.toContain('pwd!');
});

describe('a connection that drops', () => {
  test('under a GET is made again, once', async () => {
    s.self.faults.add({ match: '^GET /nodes$', phase: 'before', action: { kind: 'drop' } });
    expect(await s.proxmox.nodes()).not.toHaveLength(0);
    s.self.faults.add({ match: '^GET /nodes$', phase: 'before', times: 2, action: { kind: 'drop' } });
    await expect(s.proxmox.nodes()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('under a write is an unknown outcome, asked once', async () => {
    await s.makeVm();
    s.self.faults.add({ match: '^POST', phase: 'after', action: { kind: 'drop' } });
    await expect(s.proxmox.start(vm)).rejects.toMatchObject({ kind: 'unknown' });
    expect(s.requests('^POST .*/status/start')).toHaveLength(1);
  });
});

describe('an answer', () => {
  test('that takes too long is unknown for a write', async () => {
    const hasty = s.connect(30);
    const slow = { kind: 'delay', ms: 60 } as const;
    s.self.faults.add({ match: '^(POST|GET)', phase: 'before', times: 2, action: slow });
    const lost = hasty.createContainer('local:vztmpl/x', spec);
    await expect(lost).rejects.toMatchObject({ kind: 'unknown', code: 'TIMEOUT' });
    await expect(hasty.nodes()).rejects.toMatchObject({ kind: 'unavailable', code: 'TIMEOUT' });
    while (s.requests('.').length < 2) await sleep(10);
  });

  test('with its text in the reason phrase alone is understood', async () => {
    await s.makeVm();
    s.self.faults.add({ match: '/status/start', phase: 'before', action: { kind: 'status', status: 500, body: {} } });
    await expect(s.proxmox.start(vm)).rejects.toMatchObject({ detail: 'Internal Server Error', kind: 'unknown' });
  });

  test('of a proxy that is no JSON is an unknown outcome', async () => {
    await s.makeVm();
    const page = { kind: 'status', status: 502, body: '<html>Bad Gateway</html>' } as const;
    s.self.faults.add({ match: '/status/start', phase: 'before', action: page });
    await expect(s.proxmox.start(vm)).rejects.toMatchObject({ kind: 'unknown', code: '502' });
    s.self.faults.add({ match: '/nodes$', phase: 'before', action: { ...page, status: 200 } });
    await expect(s.proxmox.nodes()).rejects.toMatchObject({ kind: 'unknown', detail: 'unreadable answer' });
  });

  test('596 is unknown though the call ran', async () => {
    await s.makeVm();
    s.fault('/status/start', 'proxy-timeout-596');
    await expect(s.proxmox.start(vm)).rejects.toMatchObject({ kind: 'unknown', code: '596' });
    await expect(s.ok(s.proxmox.start(vm))).resolves.toBeUndefined();
    expect((await s.proxmox.read(vm))?.status).toBe('running');
  });
});

test('the nodes, with figures', async () => {
  const nodes = await s.proxmox.nodes();
  expect(nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(['pve1', 'pve2']));
  for (const node of nodes) {
    expect(node.online).toBe(true);
    expect(node.memoryBytes).toBeGreaterThan(node.memoryUsedBytes);
    expect(node.cpus).toBeGreaterThan(0);
  }
});
