import { describe, expect, test } from '@jest/globals';
import { same } from '../../../providers/powerdns/same.ts';

const rrset = (type: string, ...contents: string[]) => ({ name: 'example.com.', type, ttl: 60, contents });

describe('the same', () => {
  test.each([
    ['A', ['192.0.2.1', '192.0.2.2'], ['192.0.2.2', '192.0.2.1']],
    ['AAAA', ['2001:db8::1'], ['2001:0DB8:0:0:0:0:0:1']],
    ['MX', ['10 Mail.Example.com.'], ['10 mail.example.com.']],
    ['CNAME', ['A.example.com.'], ['a.EXAMPLE.com.']],
    ['TXT', ['"abc" "def"'], ['"abcdef"']],
    ['TXT', ['"ü"'], ['"\\195\\188"']],
    ['TXT', ['"a;b"'], ['"a\\;b"']],
    ['CAA', ['0 issue "ca.example"'], ['0 ISSUE "ca.example"']],
    ['SSHFP', ['1  2 abc'], ['1 2 abc']],
  ])('%s %j and %j', (type, a, b) => expect(same(rrset(type, ...a), rrset(type, ...b))).toBe(true));
});

describe('not the same', () => {
  test.each([
    ['A', ['192.0.2.1'], ['192.0.2.1', '192.0.2.1']],
    ['A', ['192.0.2.1'], []],
    ['MX', ['10 a.example.'], ['20 a.example.']],
    ['TXT', ['"Abc"'], ['"abc"']],
    ['TXT', ['"a b"'], ['"a" "b"']],
    ['CAA', ['0 issue "ca.example"'], ['0 issuewild "ca.example"']],
  ])('%s %j and %j', (type, a, b) => expect(same(rrset(type, ...a), rrset(type, ...b))).toBe(false));

  test('of another name', () => expect(same(rrset('A'), { ...rrset('A'), name: 'www.example.com.' })).toBe(false));
});
