import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { replace, startPowerDns } from './client.ts';

let pdns: Awaited<ReturnType<typeof startPowerDns>>;
beforeEach(async () => {
  pdns = await startPowerDns();
  await pdns.make('example.com.');
});
afterEach(() => pdns.close());

const play = (name: string, more: { data?: unknown; times?: number } = {}) => {
  const { times = 1, ...action } = more;
  pdns.self.faults.add({ match: 'zones/', phase: 'switch', times, action: { kind: 'switch', name, ...action } });
};
const rows = async (name: string, type: string) => {
  const { body } = await pdns.call('GET', `zones/example.com.?rrset_name=${name}&rrset_type=${type}`);
  return body.rrsets[0]?.records.map((row: { content: string }) => row.content) ?? [];
};

test('applied-then-500', async () => {
  play('applied-then-500');
  const { status } = await pdns.patch('example.com.', replace('a.example.com.', 'A', '127.64.0.1'));
  expect(status).toBe(500);
  expect(await rows('a.example.com.', 'A')).toEqual(['127.64.0.1']);
});

test('parallel-patch-duplicates: rows and SOA doubled by two at once, not by one after the other', async () => {
  play('parallel-patch-duplicates', { times: 4 });
  const patch = () => pdns.patch('example.com.', replace('a.example.com.', 'A', '127.64.0.1'));
  await patch();
  await patch();
  expect(await rows('a.example.com.', 'A')).toEqual(['127.64.0.1']);
  await Promise.all([patch(), patch()]);
  expect(await rows('a.example.com.', 'A')).toEqual(['127.64.0.1', '127.64.0.1']);
  expect(await rows('example.com.', 'SOA')).toHaveLength(2);
});

test('one-rrset-refused voids the whole PATCH and strikes that name alone', async () => {
  play('one-rrset-refused', { data: { name: 'b.example.com.' } });
  const [a, b] = ['a', 'b'].map((label) => replace(`${label}.example.com.`, 'A', '127.64.0.1'));
  expect((await pdns.patch('example.com.', replace('c.example.com.', 'A', '127.64.0.1'))).status).toBe(204);
  expect((await pdns.patch('example.com.', a!, b!)).status).toBe(422);
  expect(await rows('a.example.com.', 'A')).toEqual([]);
});

test('zone-vanishes', async () => {
  play('zone-vanishes');
  expect((await pdns.patch('example.com.', replace('a.example.com.', 'A', '127.64.0.1'))).status).toBe(404);
  expect((await pdns.call('GET', 'zones')).body).toEqual([]);
});

test('content-other-form', async () => {
  await pdns.patch(
    'example.com.',
    replace('example.com.', 'MX', '10 mx.mpanel.test.'),
    replace('example.com.', 'AAAA', '2001:db8::1'),
    replace('example.com.', 'TXT', '"v=spf1 -all"'),
  );
  play('content-other-form', { times: 3 });
  expect(await rows('example.com.', 'MX')).toEqual(['10 MX.MPANEL.TEST.']);
  expect(await rows('example.com.', 'AAAA')).toEqual(['2001:0DB8:0000:0000:0000:0000:0000:0001']);
  expect(await rows('example.com.', 'TXT')).toEqual(['"v\\061spf1 -all"']);
});

test('acts change zones behind the API', async () => {
  const { acts } = pdns.running;
  acts?.['set-record']?.({ zone: 'example.com.', name: 'x.example.com.', type: 'A', contents: ['127.64.0.3'] });
  expect(await rows('x.example.com.', 'A')).toEqual(['127.64.0.3']);
  acts?.['delete-record']?.({ zone: 'example.com.', name: 'x.example.com.', type: 'A' });
  expect(await rows('x.example.com.', 'A')).toEqual([]);
  acts?.['delete-zone']?.({ zone: 'example.com.' });
  expect(pdns.running.state()).toEqual([]);
});
