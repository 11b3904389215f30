import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPowerDns } from '../../../providers/powerdns/client.ts';
import { createProbe } from '../../../providers/probe/client.ts';
import type { ProbedType } from '../../../providers/probe/port.ts';
import { start } from '../../../sandbox/powerdns/index.ts';
import { startStandIn } from '../../support/sandbox.ts';

const rrset = (type: string, contents: string[], name = 'example.com.') => ({ name, type, ttl: 60, contents });

let sandbox: Awaited<ReturnType<typeof startStandIn>>;
let server = { address: '', port: 0 };
beforeEach(async () => {
  sandbox = await startStandIn('powerdns', start);
  const [address = '', port] = sandbox.env.DNS_ADDRESS!.split(':');
  server = { address, port: Number(port) };
  const dns = createPowerDns({
    url: sandbox.env.POWERDNS_URL!,
    apiKey: sandbox.env.POWERDNS_API_KEY!,
    timeoutMs: 2000,
  });
  await dns.ensureZone('example.com', ['ns1.mpanel.test', 'ns2.mpanel.test']);
  await dns.replaceRrsets('example.com', [
    rrset('A', ['192.0.2.1', '192.0.2.2'], 'www.example.com.'),
    rrset('AAAA', ['2001:db8::1'], 'www.example.com.'),
    rrset('CNAME', ['www.example.com.'], 'alias.example.com.'),
    rrset('MX', ['10 mail.example.com.', '20 mail2.example.com.']),
    rrset('SRV', ['0 5 5060 sip.example.com.'], '_sip._tcp.example.com.'),
    rrset('TXT', ['"v=spf1 mx" " -all"', '"\\195\\188"']),
    rrset('CAA', ['0 issue "ca.example"']),
    rrset(
      'TXT',
      Array.from({ length: 20 }, (_, i) => `"${i}${'x'.repeat(200)}"`),
      'big.example.com.',
    ),
  ]);
});
afterEach(() => sandbox.close());

const ask = (name: string, type: ProbedType) => createProbe({ timeoutMs: 2000 }).dns(server, name, type);

test.each<[ProbedType, string, string[]]>([
  ['A', 'www.example.com', ['192.0.2.1', '192.0.2.2']],
  ['A', 'WWW.example.com.', ['192.0.2.1', '192.0.2.2']],
  ['AAAA', 'www.example.com', ['2001:db8::1']],
  ['CNAME', 'alias.example.com', ['www.example.com.']],
  ['A', 'alias.example.com', ['192.0.2.1', '192.0.2.2']],
  ['NS', 'example.com', ['ns1.mpanel.test.', 'ns2.mpanel.test.']],
  ['MX', 'example.com', ['10 mail.example.com.', '20 mail2.example.com.']],
  ['SRV', '_sip._tcp.example.com', ['0 5 5060 sip.example.com.']],
  ['TXT', 'example.com', ['v=spf1 mx -all', 'ü']],
  ['CAA', 'example.com', ['0 issue "ca.example"']],
  ['MX', 'www.example.com', []],
  ['A', 'nowhere.example.com', []],
])('%s of %s', async (type, name, contents) => expect((await ask(name, type)).sort()).toEqual(contents.sort()));

test('SOA', async () => {
  const [soa] = await ask('example.com', 'SOA');
  expect(soa).toMatch(/^\S+\. \S+\. \d+ \d+ \d+ \d+ \d+$/);
});

test('an answer too long for UDP is fetched over TCP', async () => {
  expect(await ask('big.example.com', 'TXT')).toHaveLength(20);
});

describe('no answer', () => {
  const fault = (name: string, times: number | null) =>
    sandbox.self.faults.add({ match: '^DNS', phase: 'switch', times, action: { kind: 'switch', name } });

  test('that the server cannot give', async () => {
    fault('servfail', 1);
    await expect(ask('www.example.com', 'A')).rejects.toMatchObject({ kind: 'unavailable', code: 'SERVFAIL' });
  });

  test('of a zone that is not there', async () => {
    await expect(ask('example.org', 'A')).rejects.toMatchObject({ kind: 'unavailable', code: 'REFUSED' });
  });

  test('at first: the question is asked again', async () => {
    fault('no-answer', 1);
    expect(await createProbe({ timeoutMs: 600 }).dns(server, 'www.example.com', 'A')).toHaveLength(2);
  });

  test('at all', async () => {
    fault('no-answer', null);
    const silent = createProbe({ timeoutMs: 90 }).dns(server, 'www.example.com', 'A');
    await expect(silent).rejects.toMatchObject({ kind: 'unavailable', code: 'TIMEOUT' });
  });

  test('to this question: another one is not taken for it', async () => {
    const forger = createSocket('udp4', (message, from) => {
      const forged = Buffer.from(message);
      forged.writeUInt16BE((message.readUInt16BE(0) + 1) % 65536, 0);
      forged.writeUInt16BE(0x8180, 2);
      forger.send(forged, from.port, from.address);
      forger.send('nonsense', from.port, from.address);
    });
    forger.unref().bind(0, '127.0.0.1');
    await once(forger, 'listening');
    const at = { address: '127.0.0.1', port: forger.address().port };
    const answer = createProbe({ timeoutMs: 90 }).dns(at, 'www.example.com', 'A');
    await expect(answer).rejects.toMatchObject({ code: 'TIMEOUT' });
    forger.close();
  });
});
