import { describe, expect, test } from '@jest/globals';
import { failure } from '../../../providers/acme/problem.ts';

const answer = (status: number, type?: string, headers: Record<string, string> = {}) => {
  const document = {
    type: `urn:ietf:params:acme:error:${type}`,
    detail: 'because',
    subproblems: [{ detail: 'of this' }],
  };
  const json = { 'content-type': 'application/problem+json', ...headers };
  return {
    status,
    reason: 'Reason',
    headers: new Headers(type ? json : headers),
    text: type ? JSON.stringify(document) : '',
  };
};

describe('what a refusal means', () => {
  test.each([
    [400, 'malformed', 'refused'],
    [400, 'rejectedIdentifier', 'refused'],
    [400, 'badNonce', 'busy'],
    [403, 'rateLimited', 'busy'],
    [429, undefined, 'busy'],
    [503, undefined, 'busy'],
    [400, 'accountDoesNotExist', 'denied'],
    [403, 'userActionRequired', 'denied'],
    [401, undefined, 'denied'],
    [404, 'malformed', 'absent'],
    [410, undefined, 'absent'],
    [403, 'orderNotReady', 'conflict'],
    [409, 'alreadyReplaced', 'conflict'],
    [409, undefined, 'conflict'],
  ])('%i %s is %s, whatever was asked', (status, type, kind) => {
    for (const effect of [true, false]) expect(failure('order', answer(status, type), effect).kind).toBe(kind);
  });

  test.each([
    [500, 'serverInternal'],
    [502, undefined],
    [504, undefined],
    [301, undefined],
  ])('%i %s leaves an effect open and a look nowhere', (status, type) => {
    expect(failure('order', answer(status, type), true).kind).toBe('unknown');
    expect(failure('order', answer(status, type), false).kind).toBe('unavailable');
  });

  test('the words, the type and the pause are kept', () => {
    const error = failure('newOrder', answer(429, 'rateLimited', { 'retry-after': '90' }), true);
    expect(error).toMatchObject({
      detail: 'rateLimited: because; of this',
      code: 'urn:ietf:params:acme:error:rateLimited',
      retryAfterMs: 90_000,
    });
  });

  test('a problem cut short still has its status', () => {
    const cut = { ...answer(404, 'malformed'), text: '{"type":"urn' };
    expect(failure('order', cut, false)).toMatchObject({ kind: 'absent', code: '404', detail: '404 Reason' });
  });
});
