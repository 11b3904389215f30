import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPowerDns, zonePath } from '../../../providers/powerdns/client.ts';
import type { PowerDns, Rrset } from '../../../providers/powerdns/port.ts';
import { start } from '../../../sandbox/powerdns/index.ts';
import { startStandIn } from '../../support/sandbox.ts';

const ZONE = 'example.com';
const NS = ['ns1.mpanel.test', 'ns2.mpanel.test'];
const www: Rrset = { name: 'www.example.com.', type: 'A', ttl: 300, contents: ['192.0.2.1', '192.0.2.2'] };

let sandbox: Awaited<ReturnType<typeof startStandIn>>;
let dns: PowerDns;

beforeEach(async () => {
  sandbox = await startStandIn('powerdns', start);
  dns = connect(sandbox.env.POWERDNS_API_KEY!);
});
afterEach(() => sandbox.close());

const connect = (apiKey: string) => createPowerDns({ url: sandbox.env.POWERDNS_URL!, apiKey, timeoutMs: 2000 });
const find = async (type: string, name = 'example.com.') =>
  (await dns.readZone(ZONE))?.find((rrset) => rrset.type === type && rrset.name === name);
const patches = () => sandbox.self.log.list({ match: '^PATCH' }).length;

describe('zones', () => {
  test('a new one has the name servers and no SOA to see', async () => {
    expect(await dns.readZone(ZONE)).toBeUndefined();
    await dns.ensureZone('Example.com', NS);
    expect(await dns.readZone(ZONE)).toEqual([
      { name: 'example.com.', type: 'NS', ttl: 3600, contents: ['ns1.mpanel.test.', 'ns2.mpanel.test.'] },
    ]);
  });

  test('one that is there keeps its records and gets its name servers', async () => {
    await dns.ensureZone(ZONE, NS);
    await dns.replaceRrsets(ZONE, [www]);
    const writes = patches();
    await dns.ensureZone(ZONE, NS);
    expect(patches()).toBe(writes);
    await dns.ensureZone(ZONE, ['ns9.mpanel.test']);
    expect((await find('NS'))?.contents).toEqual(['ns9.mpanel.test.']);
    expect(await find('A', www.name)).toEqual(www);
  });

  test('a lost answer to its creation is harmless', async () => {
    sandbox.self.faults.add({ match: '^POST', phase: 'after', action: { kind: 'drop' } });
    await expect(dns.ensureZone(ZONE, NS)).rejects.toMatchObject({ kind: 'unknown' });
    await dns.ensureZone(ZONE, NS);
    expect(await dns.readZone(ZONE)).toHaveLength(1);
  });

  test('deleting is done when it is gone', async () => {
    await dns.ensureZone(ZONE, NS);
    await dns.deleteZone(ZONE);
    await dns.deleteZone(ZONE);
    expect(await dns.readZone(ZONE)).toBeUndefined();
  });

  test('a delegated IPv4 range has a slash in its name', async () => {
    expect(zonePath('0/25.2.0.192.in-addr.arpa')).toBe('/zones/0=2F25.2.0.192.in-addr.arpa.');
    await dns.ensureZone('0/25.2.0.192.in-addr.arpa', NS);
    expect(await dns.readZone('0/25.2.0.192.in-addr.arpa')).toHaveLength(1);
  });
});

describe('rrsets', () => {
  beforeEach(() => dns.ensureZone(ZONE, NS));

  test('are replaced, and deleted when empty', async () => {
    await dns.replaceRrsets(ZONE, [www]);
    await dns.replaceRrsets(ZONE, [{ ...www, contents: ['192.0.2.3'] }]);
    expect((await find('A', www.name))?.contents).toEqual(['192.0.2.3']);
    await dns.replaceRrsets(ZONE, [{ ...www, contents: [] }]);
    await dns.replaceRrsets(ZONE, [{ ...www, contents: [] }]);
    expect(await find('A', www.name)).toBeUndefined();
  });

  test('a change of nothing sends nothing', async () => {
    await dns.replaceRrsets(ZONE, []);
    expect(patches()).toBe(0);
  });

  test('one that is refused voids all', async () => {
    const bad = { ...www, name: 'bad.example.com.', contents: ['not an address'] };
    await expect(dns.replaceRrsets(ZONE, [www, bad])).rejects.toMatchObject({ kind: 'refused', code: '422' });
    expect(await find('A', www.name)).toBeUndefined();
  });

  test('a 500 after the change is looked up, not repeated', async () => {
    sandbox.self.faults.add({ match: '^PATCH', phase: 'switch', action: { kind: 'switch', name: 'applied-then-500' } });
    await dns.replaceRrsets(ZONE, [www]);
    expect(await find('A', www.name)).toEqual(www);
    expect(patches()).toBe(1);
  });

  test('a 500 instead of the change is repeated once', async () => {
    sandbox.self.faults.add({ match: '^PATCH', phase: 'before', action: { kind: 'status', status: 500 } });
    await dns.replaceRrsets(ZONE, [www]);
    expect(await find('A', www.name)).toEqual(www);
    sandbox.self.faults.add({ match: '^PATCH', phase: 'before', times: 2, action: { kind: 'status', status: 500 } });
    await expect(dns.replaceRrsets(ZONE, [{ ...www, contents: [] }])).rejects.toMatchObject({ kind: 'unknown' });
  });

  test('an outcome that cannot be looked up stays unknown', async () => {
    sandbox.self.faults.add({ match: '^PATCH', phase: 'after', action: { kind: 'drop' } });
    sandbox.self.faults.add({ match: '^GET', phase: 'before', action: { kind: 'drop' } });
    await expect(dns.replaceRrsets(ZONE, [www])).rejects.toMatchObject({ kind: 'unknown' });
  });

  test('rows that two changes at once have doubled are not the same; the next change makes them one', async () => {
    const one: Rrset = { ...www, contents: ['192.0.2.1'] };
    const doubled = { kind: 'switch', name: 'parallel-patch-duplicates' } as const;
    sandbox.self.faults.add({ match: '^PATCH', phase: 'switch', times: 2, action: doubled });
    await Promise.all([dns.replaceRrsets(ZONE, [one]), dns.replaceRrsets(ZONE, [one])]);
    const there = await find('A', www.name);
    expect(there?.contents).toEqual(['192.0.2.1', '192.0.2.1']);
    expect(there && dns.same(there, one)).toBe(false);
    await dns.replaceRrsets(ZONE, [one]);
    expect(await find('A', www.name)).toEqual(one);
  });

  test('a zone deleted behind us is absent', async () => {
    sandbox.self.faults.add({ match: '^PATCH', phase: 'switch', action: { kind: 'switch', name: 'zone-vanishes' } });
    await expect(dns.replaceRrsets(ZONE, [www])).rejects.toMatchObject({ kind: 'absent' });
  });

  test('contents that come back in another form are the same', async () => {
    const sets: Rrset[] = [
      { name: 'v6.example.com.', type: 'AAAA', ttl: 60, contents: ['2001:db8::1'] },
      { name: 'example.com.', type: 'MX', ttl: 60, contents: ['10 mail.example.com.'] },
      { name: 'example.com.', type: 'TXT', ttl: 60, contents: ['"say \\"hi\\""', '"\\195\\188"'] },
      { name: '_sip._tcp.example.com.', type: 'SRV', ttl: 60, contents: ['0 5 5060 sip.example.com.'] },
      { name: 'example.com.', type: 'CAA', ttl: 60, contents: ['0 issue "letsencrypt.org"'] },
    ];
    await dns.replaceRrsets(ZONE, sets);
    const form = { kind: 'switch', name: 'content-other-form' } as const;
    sandbox.self.faults.add({ match: '^GET', phase: 'switch', times: null, action: form });
    for (const set of sets) {
      const there = await find(set.type, set.name);
      expect(there && dns.same(there, set)).toBe(true);
    }
    const v6 = await find('AAAA', 'v6.example.com.');
    expect(v6?.contents).not.toEqual(sets[0]?.contents);
  });
});

test('a wrong key is denied; the failure is asked for as JSON', async () => {
  await expect(connect('wrong').readZone(ZONE)).rejects.toMatchObject({ kind: 'denied' });
  expect(sandbox.self.log.list()[0]?.request).toMatchObject({ headers: { accept: 'application/json' } });
});

test('a server that is not there is unavailable, for writes too', async () => {
  const gone = await startStandIn('powerdns', start);
  await gone.close();
  const client = createPowerDns({ url: gone.env.POWERDNS_URL!, apiKey: 'x', timeoutMs: 2000 });
  await expect(client.ensureZone(ZONE, NS)).rejects.toMatchObject({ kind: 'unavailable', code: 'ECONNREFUSED' });
});
