import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalIpv6, isIpv4 } from '../../core/ip.ts';

test('every IPv6 address has the form of RFC 5952', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      // The URL standard writes a host's address in that form.
      expect(`[${canonicalIpv6(address)}]`).toBe(new URL(`http://[${address}]`).hostname);
    }),
    { numRuns: 1000 },
  );
});

test('zeros are folded once, the longest run of them', () => {
  expect(canonicalIpv6('0:0:0:0:0:0:0:0')).toBe('::');
  expect(canonicalIpv6('1:0:0:2:0:0:0:3')).toBe('1:0:0:2::3');
  expect(canonicalIpv6('2001:DB8:0:10:100:0:1:0')).toBe('2001:db8:0:10:100:0:1:0');
  expect(canonicalIpv6('::ffff:192.0.2.1')).toBe('::ffff:c000:201');
});

test.each(['', ':', ':::', '1', '1::2::3', '12345::', '::g', '1:2:3:4:5:6:7', '1::2:3:4:5:6:7:8', '::1%lo', '::1/64'])(
  '"%s" is no IPv6 address',
  (text) => expect(canonicalIpv6(text)).toBeUndefined(),
);

test('IPv4', () => {
  fc.assert(fc.property(fc.ipV4(), (address) => expect(isIpv4(address)).toBe(true)));
  for (const text of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.4/24'])
    expect(isIpv4(text)).toBe(false);
});
