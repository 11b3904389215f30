import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { replace, startPowerDns } from './client.ts';

let pdns: Awaited<ReturnType<typeof startPowerDns>>;
beforeAll(async () => {
  pdns = await startPowerDns();
});
afterAll(() => pdns.close());
beforeEach(async () => {
  for (const { id } of (await pdns.call('GET', 'zones')).body) await pdns.call('DELETE', `zones/${id}`);
  await pdns.make('example.com.');
});

const contents = async (name: string, type: string) => {
  const { body } = await pdns.call('GET', `zones/example.com.?rrset_name=${name}&rrset_type=${type}`);
  return body.rrsets.flatMap((rrset: { records: { content: string }[] }) => rrset.records.map((row) => row.content));
};
const serial = async () => (await pdns.call('GET', 'zones/example.com.')).body.serial;

describe('zones', () => {
  test('a zone is made whole, in lower case, with SOA and NS', async () => {
    const { status, body } = await pdns.make('Shop.Example.NET.');
    expect(status).toBe(201);
    expect(body).toMatchObject({ id: 'shop.example.net.', name: 'shop.example.net.', kind: 'Native', dnssec: false });
    expect(body.rrsets.map((rrset: { type: string }) => rrset.type).sort()).toEqual(['NS', 'SOA']);
    expect(body.serial).toBeGreaterThan(20_000_000_00);
  });

  test('again is 409, a relative name or a bad nameserver 422, an unknown kind Native', async () => {
    expect(await pdns.make('EXAMPLE.com.')).toMatchObject({ status: 409, body: { error: 'Conflict' } });
    expect(await pdns.make('example.org')).toMatchObject({
      status: 422,
      body: { error: "DNS Name 'example.org' is not canonical" },
    });
    const relative = { name: 'example.org.', kind: 'Native', nameservers: ['ns1'] };
    expect(await pdns.call('POST', 'zones', relative)).toMatchObject({
      status: 422,
      body: { error: "Nameserver is not canonical: 'ns1'" },
    });
    const odd = await pdns.call('POST', 'zones', { name: 'example.org.', kind: 'Odd' });
    expect(odd).toMatchObject({ status: 201, body: { kind: 'Native' } });
  });

  test('the id is asked without dot, in upper case, and with =2F for a slash', async () => {
    expect(await pdns.call('GET', 'zones/EXAMPLE.COM')).toMatchObject({ status: 200, body: { name: 'example.com.' } });
    expect((await pdns.make('0/25.2.0.192.in-addr.arpa.')).body.id).toBe('0=2F25.2.0.192.in-addr.arpa.');
    expect((await pdns.call('GET', 'zones/0=2F25.2.0.192.in-addr.arpa.')).status).toBe(200);
  });

  test('delete is 204, again 404', async () => {
    expect((await pdns.call('DELETE', 'zones/example.com.')).status).toBe(204);
    expect((await pdns.call('DELETE', 'zones/example.com.')).status).toBe(404);
  });

  test('signing makes a key with DS digests 1, 2 and 4; turning it off removes it', async () => {
    await pdns.call('PUT', 'zones/example.com.', { dnssec: true, api_rectify: true });
    const { body } = await pdns.call('GET', 'zones/example.com./cryptokeys');
    expect(body).toMatchObject([{ keytype: 'csk', algorithm: 'ECDSAP256SHA256', flags: 257 }]);
    expect(body[0].ds).toHaveLength(3);
    expect(body[0].ds[1]).toMatch(/^\d+ 13 2 [0-9a-f]{64}$/);
    expect((await pdns.call('PUT', 'zones/example.com.', { dnssec: false })).status).toBe(204);
    expect((await pdns.call('GET', 'zones/example.com./cryptokeys')).body).toEqual([]);
  });

  test('notify and rectify answer as 4.7 does for a native zone too', async () => {
    expect((await pdns.call('PUT', 'zones/example.com./notify')).body).toEqual({ result: 'Notification queued' });
    expect((await pdns.call('PUT', 'zones/example.com./rectify')).body).toEqual({ result: 'Rectified' });
  });
});

describe('errors', () => {
  test('bodies are plain text unless JSON is accepted; 422 always is JSON', async () => {
    const plain = { accept: '*/*' };
    expect(await pdns.call('GET', 'zones/gone.test.', undefined, plain)).toMatchObject({
      status: 404,
      body: 'Not Found',
    });
    expect(await pdns.call('GET', 'zones/gone.test.')).toMatchObject({ status: 404, body: { error: 'Not Found' } });
    const malformed = await pdns.call('PATCH', 'zones/example.com.', '{"rrsets":', plain);
    expect(malformed).toMatchObject({ status: 400, body: 'Bad Request' });
    const refused = await pdns.call('PATCH', 'zones/example.com.', {}, plain);
    expect(refused).toMatchObject({ status: 422, body: { error: 'No rrsets given in update request' } });
  });

  test('a wrong key is 401, a wrong method 405', async () => {
    const answer = await pdns.call('GET', 'zones', undefined, { 'x-api-key': 'wrong' });
    expect(answer).toMatchObject({ status: 401, body: { error: 'Unauthorized' } });
    expect((await pdns.call('PATCH', 'zones', {})).status).toBe(405);
  });
});

describe('PATCH', () => {
  test('replaces, deletes, and deletes what is not there', async () => {
    expect((await pdns.patch('example.com.', replace('WWW.example.com.', 'A', '127.64.0.1'))).status).toBe(204);
    expect(await contents('www.example.com.', 'A')).toEqual(['127.64.0.1']);
    await pdns.patch('example.com.', replace('www.example.com.', 'A', '127.64.0.2', '127.64.0.3'));
    expect(await contents('www.example.com.', 'A')).toEqual(['127.64.0.2', '127.64.0.3']);
    await pdns.patch('example.com.', replace('www.example.com.', 'A'));
    expect(await contents('www.example.com.', 'A')).toEqual([]);
    const nothing = { name: 'no.example.com.', type: 'A', changetype: 'DELETE' };
    expect((await pdns.patch('example.com.', nothing)).status).toBe(204);
  });

  test('raises the serial each time, also for nothing', async () => {
    const first = await serial();
    await pdns.patch('example.com.', replace('a.example.com.', 'A', '127.64.0.1'));
    await pdns.patch('example.com.');
    expect(await serial()).toBe(first + 2);
  });

  test('one refused rrset refuses all of them', async () => {
    const before = await serial();
    const good = replace('good.example.com.', 'A', '127.64.0.1');
    const { status } = await pdns.patch('example.com.', good, replace('bad.example.com.', 'A', 'no address'));
    expect(status).toBe(422);
    expect(await contents('good.example.com.', 'A')).toEqual([]);
    expect(await serial()).toBe(before);
  });

  test.each([
    [replace('www', 'A', '127.64.0.1'), "DNS Name 'www' is not canonical"],
    [replace('www.example.net.', 'A', '127.64.0.1'), 'RRset www.example.net. IN A: Name is out of zone'],
    [replace('example.com.', 'CNAME', 'a.test.'), 'RRset example.com. IN CNAME: Conflicts with pre-existing RRset'],
    [
      replace('c.example.com.', 'CNAME', 'a.test.', 'b.test.'),
      'RRset c.example.com. IN CNAME has more than one record',
    ],
    [
      replace('d.example.com.', 'A', '127.64.0.1', '127.64.0.1'),
      'Duplicate record in RRset d.example.com. IN A with content "127.64.0.1"',
    ],
    [
      replace('m.example.com.', 'MX', '10 mail'),
      "Record m.example.com./MX '10 mail': Not in expected format (parsed as '10 mail.')",
    ],
    [replace('m.example.com.', 'MX', 'mail.test.'), /MX 'mail.test.': Parsing record content .*missing field/],
    [replace('t.example.com.', 'TXT', 'bare'), /Data field in DNS should start with quote/],
    [replace('t.example.com.', 'CAA', '0 issue bare'), /Data field in DNS should start with quote/],
    [
      replace('a.example.com.', 'AAAA', '::ffff:1.2.3.4'),
      "Record a.example.com./AAAA '::ffff:1.2.3.4': Invalid IPv6 address",
    ],
    [replace('x.example.com.', 'NOPE', 'x'), 'RRset x.example.com. IN NOPE: unknown type given'],
    [replace('ü.example.com.', 'A', '127.64.0.1'), "Name '\\195\\188.example.com.' contains unsupported characters"],
    [{ ...replace('e.example.com.', 'A', '127.64.0.1'), changetype: 'EXTEND' }, 'Changetype not understood'],
    [{ ...replace('e.example.com.', 'A', '127.64.0.1'), ttl: undefined }, "Key 'ttl' not an Integer or not present"],
  ])('refuses %j', async (rrset, error) => {
    const refused = await pdns.patch('example.com.', rrset);
    expect(refused.status).toBe(422);
    if (typeof error === 'string') expect(refused.body).toEqual({ error });
    else expect(refused.body.error).toMatch(error);
  });

  test('a CNAME and others of the same PATCH conflict, unless the others go in it', async () => {
    const cname = replace('x.example.com.', 'CNAME', 'y.example.com.');
    const address = replace('x.example.com.', 'A', '127.64.0.1');
    expect((await pdns.patch('example.com.', address, cname)).status).toBe(422);
    await pdns.patch('example.com.', address);
    const gone = { name: 'x.example.com.', type: 'A', changetype: 'DELETE' };
    expect((await pdns.patch('example.com.', gone, cname)).status).toBe(204);
  });

  test('contents come back in canonical form', async () => {
    const long = `"${'k'.repeat(300)}"`;
    await pdns.patch(
      'example.com.',
      replace('six.example.com.', 'AAAA', '2001:DB8:0:0:0:0:0:1'),
      replace('example.com.', 'MX', '10 MX.mpanel.test.'),
      replace('t.example.com.', 'TXT', '"say \\"hi\\" \\\\ bye"', long),
    );
    expect(await contents('six.example.com.', 'AAAA')).toEqual(['2001:db8::1']);
    expect(await contents('example.com.', 'MX')).toEqual(['10 MX.mpanel.test.']);
    expect(await contents('t.example.com.', 'TXT')).toEqual(['"say \\"hi\\" \\\\ bye"', long]);
  });
});

test('search-data finds names and contents with wildcards', async () => {
  await pdns.patch('example.com.', replace('www.example.com.', 'A', '127.64.0.9'));
  const { body } = await pdns.call('GET', 'search-data?q=127.64.*&object_type=record');
  expect(body).toMatchObject([{ name: 'www.example.com.', type: 'A', zone: 'example.com.', object_type: 'record' }]);
  expect((await pdns.call('GET', 'search-data?q=example.com')).body[0]).toMatchObject({ object_type: 'zone' });
});
