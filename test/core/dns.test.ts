import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { absoluteName, type RecordRow, recordProblem, rrsetAt, rrsetsOf, zoneProblem } from '../../core/dns.ts';
import { quoteText, textBytes } from '../../core/dns-text.ts';

const ZONE = 'example.com';
const row = (fields: Partial<RecordRow>): RecordRow => ({
  type: 'A',
  name: 'www',
  content: '192.0.2.1',
  ttl: 300,
  ...fields,
});
const written = (fields: Partial<RecordRow>) => rrsetsOf(ZONE, [row(fields)])[0]?.contents[0];
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);

describe('names', () => {
  test.each([
    ['@', 'example.com.'],
    ['', 'example.com.'],
    ['www', 'www.example.com.'],
    ['WWW', 'www.example.com.'],
    ['www.example.com', 'www.example.com.'],
    ['www.example.com.', 'www.example.com.'],
    ['example.com', 'example.com.'],
    ['notexample.com', 'notexample.com.example.com.'],
    ['*', '*.example.com.'],
    ['_dmarc', '_dmarc.example.com.'],
  ])('%s is %s', (name, absolute) => {
    expect(absoluteName(ZONE, name)).toBe(absolute);
    expect(absoluteName('Example.COM.', name)).toBe(absolute);
    expect(recordProblem(ZONE, row({ name }))).toBeUndefined();
  });

  test('an absolute name stays what it is', () => {
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
        const once = absoluteName(ZONE, labels.join('.'));
        expect(absoluteName(ZONE, once)).toBe(once);
        expect(once.endsWith('example.com.')).toBe(true);
      }),
    );
  });

  test.each([
    ['www.example.org.', 'outside the zone'],
    ['-x', 'not a name'],
    ['a b', 'not a name'],
    ['a..b', 'not a name'],
    ['x'.repeat(64), 'not a name'],
    ['bücher', 'xn--'],
    ['a.*', 'not a name'],
  ])('%s is refused', (name, why) => expect(recordProblem(ZONE, row({ name }))).toContain(why));
});

describe('contents', () => {
  test.each<[string, Partial<RecordRow>, string]>([
    ['A', { content: ' 192.0.2.7 ' }, '192.0.2.7'],
    ['AAAA', { content: '2001:0DB8:0:0:1:0:0:1' }, '2001:db8::1:0:0:1'],
    ['CNAME', { content: 'Target.Example.net' }, 'target.example.net.'],
    ['PTR', { content: 'host.example.net.' }, 'host.example.net.'],
    ['MX', { content: 'mail.example.com', priority: 10 }, '10 mail.example.com.'],
    ['MX', { content: '.', priority: 0 }, '0 .'],
    ['SRV', { content: '5 5060 sip.example.com', priority: 0 }, '0 5 5060 sip.example.com.'],
    ['TXT', { content: 'v=spf1 mx -all' }, '"v=spf1 mx -all"'],
    ['TXT', { content: '"one" "two"' }, '"onetwo"'],
    ['TXT', { content: 'say "hi" \\o/' }, '"say \\"hi\\" \\\\o/"'],
    ['TXT', { content: 'ü' }, '"\\195\\188"'],
    ['CAA', { content: '0 issue letsencrypt.org' }, '0 issue "letsencrypt.org"'],
    ['CAA', { content: '128 Iodef "mailto:a@example.com"' }, '128 iodef "mailto:a@example.com"'],
  ])('%s %j', (type, fields, content) => {
    expect(recordProblem(ZONE, row({ type, ...fields }))).toBeUndefined();
    expect(written({ type, ...fields })).toBe(content);
  });

  test.each<[string, Partial<RecordRow>, string]>([
    ['A', { content: '192.0.2.256' }, 'not an IPv4'],
    ['A', { content: '192.0.02.1' }, 'not an IPv4'],
    ['A', { content: '2001:db8::1' }, 'not an IPv4'],
    ['AAAA', { content: '1::2::3' }, 'not an IPv6'],
    ['AAAA', { content: '1:2:3:4:5:6:7' }, 'not an IPv6'],
    ['AAAA', { content: '1:2:3:4:5:6:7:8:9' }, 'not an IPv6'],
    ['AAAA', { content: 'fe80::1%eth0' }, 'not an IPv6'],
    ['CNAME', { content: 'mail' }, 'full host name'],
    ['CNAME', { content: '@' }, 'full host name'],
    ['CNAME', { content: 'bücher.example' }, 'xn--'],
    ['MX', { content: 'mail.example.com' }, 'needs a priority'],
    ['MX', { content: 'mail.example.com', priority: 65536 }, 'needs a priority'],
    ['SRV', { content: '5060 sip.example.com', priority: 1 }, 'weight port target'],
    ['SRV', { content: '0 70000 sip.example.com', priority: 1 }, 'weight port target'],
    ['TXT', { content: '' }, 'empty'],
    ['TXT', { content: 'a\nb' }, 'control characters'],
    ['CAA', { content: 'issue letsencrypt.org' }, 'not a CAA'],
    ['CAA', { content: '256 issue "x"' }, 'not a CAA'],
    ['SOA', { content: 'x' }, 'cannot be made here'],
    ['NS', { name: '@', content: 'ns1.example.net' }, 'name servers of the zone'],
    ['CNAME', { name: '@', content: 'www.example.net' }, 'ALIAS can'],
    ['A', { ttl: -1 }, 'TTL'],
    ['A', { ttl: 1.5 }, 'TTL'],
  ])('%s %j is refused', (type, fields, why) => expect(recordProblem(ZONE, row({ type, ...fields }))).toContain(why));
});

describe('texts', () => {
  test('a long one is refused', () => {
    expect(recordProblem(ZONE, row({ type: 'TXT', content: 'x'.repeat(4096) }))).toBeUndefined();
    expect(recordProblem(ZONE, row({ type: 'TXT', content: 'ü'.repeat(2049) }))).toContain('4098 bytes; at most 4096');
  });

  test('any text comes back from its quoted form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 800 }), (text) => {
        fc.pre(!text.trim().startsWith('"'));
        const quoted = quoteText(textBytes(text));
        expect(quoted).toMatch(/^[\x20-\x7e]+$/);
        expect(textBytes(quoted)).toEqual(new TextEncoder().encode(text));
      }),
    );
  });

  test('no quoted string holds more than 255 bytes', () => {
    const strings = quoteText(textBytes(`k=rsa; p=${'A'.repeat(400)}`)).match(/"[^"]*"/g);
    expect(strings?.map((string) => string.length - 2)).toEqual([255, 154]);
  });
});

describe('rrsets', () => {
  const rows = [
    row({ content: '192.0.2.1', ttl: 300 }),
    row({ name: 'www.example.com', content: '192.0.2.2', ttl: 60 }),
    row({ name: 'mail', content: '192.0.2.3' }),
  ];

  test('rows of one name and type are one rrset with the lowest ttl', () => {
    expect(rrsetsOf(ZONE, rows)).toEqual([
      { name: 'www.example.com.', type: 'A', ttl: 60, contents: ['192.0.2.1', '192.0.2.2'] },
      { name: 'mail.example.com.', type: 'A', ttl: 300, contents: ['192.0.2.3'] },
    ]);
  });

  test('an rrset whose last row is gone is empty', () => {
    expect(rrsetAt(ZONE, rows, { name: 'ftp', type: 'A' }).contents).toEqual([]);
    expect(rrsetAt(ZONE, rows, { name: 'WWW', type: 'A' }).contents).toHaveLength(2);
  });

  test('nothing may stand beside a CNAME, and nothing twice', () => {
    const cname = row({ type: 'CNAME', content: 'x.example.net' });
    expect(zoneProblem(ZONE, rows)).toBeUndefined();
    expect(zoneProblem(ZONE, [...rows, cname])).toContain('CNAME');
    expect(zoneProblem(ZONE, [cname, { ...cname, content: 'y.example.net' }])).toContain('CNAME');
    const six = row({ type: 'AAAA', content: '2001:db8::1' });
    expect(zoneProblem(ZONE, [six, { ...six, content: '2001:DB8:0::1' }])).toContain('twice');
  });
});
