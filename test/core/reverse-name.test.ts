import { expect, test } from '@jest/globals';
import { reverseName } from '../../core/reverse-name.ts';

test.each([
  ['127.64.2.9', '9.2.64.127.in-addr.arpa'],
  ['2001:db8::567:89ab', 'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
  ['::1', `1.${'0.'.repeat(31)}ip6.arpa`],
])('%s', (address, name) => {
  expect(reverseName(address)).toBe(name);
});
