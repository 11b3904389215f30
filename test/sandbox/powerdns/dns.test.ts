import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { askTcp, askUdp, lines } from './ask.ts';
import { replace, startPowerDns } from './client.ts';

let pdns: Awaited<ReturnType<typeof startPowerDns>>;
beforeAll(async () => {
  pdns = await startPowerDns();
  await pdns.make('example.com.');
  await pdns.make('other.test.');
  await pdns.patch(
    'example.com.',
    replace('www.example.com.', 'A', '127.64.0.1'),
    replace('www.example.com.', 'AAAA', '2001:db8::1'),
    replace('alias.example.com.', 'CNAME', 'shop.other.test.'),
    replace('out.example.com.', 'CNAME', 'far.invalid.'),
    replace('loop.example.com.', 'CNAME', 'loop.example.com.'),
    replace('*.wild.example.com.', 'A', '127.64.0.7'),
    replace('deep.under.wild.example.com.', 'A', '127.64.0.8'),
    replace('example.com.', 'ALIAS', 'shop.other.test.'),
    replace('example.com.', 'MX', '10 mx.other.test.'),
    replace('example.com.', 'CAA', '0 issue "ca.test"'),
    replace('_sip._tcp.example.com.', 'SRV', '1 2 5060 sip.other.test.'),
    replace('txt.example.com.', 'TXT', '"one" "two \\"x\\" \\195\\188"', `"${'k'.repeat(300)}"`),
    replace('big.example.com.', 'TXT', ...Array.from({ length: 10 }, (_, n) => `"${n}${'x'.repeat(100)}"`)),
  );
  await pdns.patch('other.test.', replace('shop.other.test.', 'A', '127.64.0.2'));
});
afterAll(() => pdns.close());
afterEach(() => pdns.self.faults.clear());

const udp = (name: string, type: string) => askUdp(pdns.dns, name, type);

test('answers what the zone holds, authoritatively, over UDP and TCP on one port', async () => {
  for (const answer of [await udp('WWW.Example.com', 'A'), await askTcp(pdns.dns, 'www.example.com', 'A')]) {
    expect(lines(answer)).toEqual(['A 127.64.0.1']);
    expect(answer).toMatchObject({ rcode: 'NOERROR', flag_aa: true, flag_tc: false, id: 4711 });
  }
});

test.each([
  ['www.example.com', 'AAAA', ['AAAA 2001:db8::1']],
  ['example.com', 'MX', ['MX {"preference":10,"exchange":"mx.other.test"}']],
  ['example.com', 'NS', ['NS ns1.mpanel.test']],
  ['example.com', 'A', ['A 127.64.0.2']],
  ['_sip._tcp.example.com', 'SRV', ['SRV {"priority":1,"weight":2,"port":5060,"target":"sip.other.test"}']],
  ['txt.example.com', 'TXT', ['TXT one|two "x" ü', `TXT ${'k'.repeat(255)}|${'k'.repeat(45)}`]],
])('%s %s', async (name, type, expected) => {
  expect(lines(await udp(name, type))).toEqual(expected);
});

test('CAA and SOA', async () => {
  const [caa] = (await udp('example.com', 'CAA')).answers ?? [];
  expect(caa).toMatchObject({ data: { tag: 'issue', value: 'ca.test' } });
  const [soa] = (await udp('example.com', 'SOA')).answers ?? [];
  expect(soa).toMatchObject({ data: { rname: 'hostmaster.example.com', minimum: 3600 } });
});

test('a name that is not there is NXDOMAIN, a type that is not there NODATA, both with the SOA', async () => {
  const missing = await udp('nope.example.com', 'A');
  expect(missing).toMatchObject({
    rcode: 'NXDOMAIN',
    flag_aa: true,
    authorities: [{ type: 'SOA', name: 'example.com' }],
  });
  const nodata = await udp('www.example.com', 'TXT');
  expect(nodata).toMatchObject({ rcode: 'NOERROR', answers: [], authorities: [{ type: 'SOA' }] });
  // _tcp.example.com owns nothing but stands above _sip._tcp.
  expect(await udp('_tcp.example.com', 'A')).toMatchObject({ rcode: 'NOERROR', answers: [] });
});

test('follows a CNAME into another zone of ours, not out of them, and gives up on a loop', async () => {
  expect(lines(await udp('alias.example.com', 'A'))).toEqual(['CNAME shop.other.test', 'A 127.64.0.2']);
  expect(lines(await udp('out.example.com', 'A'))).toEqual(['CNAME far.invalid']);
  expect(lines(await udp('alias.example.com', 'CNAME'))).toEqual(['CNAME shop.other.test']);
  expect((await udp('loop.example.com', 'A')).rcode).toBe('SERVFAIL');
});

test('a wildcard answers under the asked name, and not beside names that exist', async () => {
  const { answers } = await udp('any.thing.wild.example.com', 'A');
  expect(answers).toMatchObject([{ name: 'any.thing.wild.example.com', data: '127.64.0.7' }]);
  expect((await udp('x.under.wild.example.com', 'A')).rcode).toBe('NXDOMAIN');
});

test('refuses ANY, transfers and names outside its zones', async () => {
  expect((await udp('www.example.com', 'ANY')).rcode).toBe('REFUSED');
  expect((await askTcp(pdns.dns, 'example.com', 'AXFR')).rcode).toBe('REFUSED');
  expect(await udp('www.example.net', 'A')).toMatchObject({ rcode: 'REFUSED', flag_aa: false });
});

test('truncates over UDP what TCP gives whole; EDNS raises the limit', async () => {
  expect(await udp('big.example.com', 'TXT')).toMatchObject({ flag_tc: true, answers: [] });
  expect((await askTcp(pdns.dns, 'big.example.com', 'TXT')).answers).toHaveLength(10);
  const edns = await askUdp(pdns.dns, 'txt.example.com', 'TXT', { edns: 4096 });
  expect(edns).toMatchObject({ flag_tc: false, additionals: [{ type: 'OPT', udpPayloadSize: 1232 }] });
  expect((await askUdp(pdns.dns, 'big.example.com', 'TXT', { edns: 4096 })).flag_tc).toBe(true);
});

test('a disabled record is not served', async () => {
  const rrset = replace('off.example.com.', 'A', '127.64.0.9');
  await pdns.patch('example.com.', { ...rrset, records: [{ content: '127.64.0.9', disabled: true }] });
  expect((await udp('off.example.com', 'A')).answers).toEqual([]);
});

test('servfail and no-answer', async () => {
  pdns.self.faults.add({ match: '^DNS A www', phase: 'switch', action: { kind: 'switch', name: 'servfail' } });
  expect((await udp('www.example.com', 'A')).rcode).toBe('SERVFAIL');
  pdns.self.faults.add({ match: '^DNS', phase: 'switch', action: { kind: 'switch', name: 'no-answer' } });
  await expect(askTcp(pdns.dns, 'www.example.com', 'A')).rejects.toThrow('closed without an answer');
  expect((await udp('www.example.com', 'A')).rcode).toBe('NOERROR');
  expect(pdns.self.log.list({ match: '^DNS A www' }).at(-3)).toMatchObject({ fault: 'servfail' });
});
