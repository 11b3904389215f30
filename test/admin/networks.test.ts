import { describe, expect, test } from '@jest/globals';
import { rangeOf } from '../../scripts/admin/networks.ts';

describe('addresses of a range', () => {
  test('leave out the network, the broadcast and the gateway', () => {
    expect(rangeOf('203.0.113.0/29', '203.0.113.1')).toEqual({
      family: 4,
      prefixLength: 29,
      gateway: '203.0.113.1',
      addresses: ['203.0.113.2', '203.0.113.3', '203.0.113.4', '203.0.113.5', '203.0.113.6'],
    });
  });

  test('of a part of a network keep its ends', () => {
    const { addresses, prefixLength } = rangeOf('203.0.113.64/30', '203.0.113.1', '24');
    expect(prefixLength).toBe(24);
    expect(addresses).toEqual(['203.0.113.64', '203.0.113.65', '203.0.113.66', '203.0.113.67']);
  });

  test('of IPv6 lie in the network that guests are told, with a link-local gateway', () => {
    const range = rangeOf('2001:db8::/126', 'fe80::1', '64');
    expect(range).toMatchObject({ family: 6, prefixLength: 64, gateway: 'fe80::1' });
    expect(range.addresses).toEqual(['2001:db8::1', '2001:db8::2', '2001:db8::3']);
  });

  test('of a /31 are both', () => {
    expect(rangeOf('203.0.113.8/31', '203.0.113.1', '24').addresses).toHaveLength(2);
  });

  test('may be a whole /16', () => {
    expect(rangeOf('127.64.0.0/16', '127.64.0.1').addresses).toHaveLength(65_536 - 3);
  });
});

test.each([
  ['203.0.113.0', '203.0.113.1', 'not a range'],
  ['300.0.113.0/24', '203.0.113.1', 'not a range'],
  ['1.2.3/24', '1.2.3.1', 'not a range'],
  ['203.0.113.0/33', '203.0.113.1', 'longer than an address'],
  ['203.0.113.5/24', '203.0.113.1', 'write 203.0.113.0/24'],
  ['203.0.113.0/24', '203.0.114.1', 'lies outside 203.0.113.0/24'],
  ['203.0.113.0/24', '::1', 'not an IPv4 address'],
  ['203.0.113.0/24', 'router', 'not an IPv4 address'],
  ['10.0.0.0/15', '10.0.0.1', 'at most 65536'],
  ['2001:db8::/64', 'fe80::1', 'at most 65536'],
  ['2001:db8::/120', '2001:db9::1', 'lies outside'],
  ['224.0.0.0/24', '224.0.0.1', 'multicast'],
  ['203.0.113.1/32', '203.0.113.1', 'no address for guests'],
])('%s with gateway %s is refused: %s', (cidr, gateway, why) => {
  expect(() => rangeOf(cidr, gateway)).toThrow(why);
});

test('a prefix longer than the range is refused', () => {
  expect(() => rangeOf('203.0.113.0/24', '203.0.113.1', '25')).toThrow('--prefix must be from 1 to 24');
});
