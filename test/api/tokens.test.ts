import { describe, expect, jest, test } from '@jest/globals';
import { createTokens } from '../../api/http/tokens.ts';

const CLAIMS = { sub: 'user', tenantId: 'tenant', customerId: null, roles: ['admin'], sid: 'family' };
const KNOWN = { sub: 'user', tenantId: 'tenant', sid: 'family' };
const QUARTER_MS = 15 * 60_000;

const SECRET = 'a secret of the test that is long enough';
const tokens = createTokens(SECRET);

describe('an access token that was seen before', () => {
  test('says the same again', async () => {
    const token = await tokens.access(CLAIMS);
    expect(await tokens.verifyAccess(token)).toEqual(KNOWN);
    expect(await tokens.verifyAccess(token)).toEqual(KNOWN);
  });

  test('ends when it ends', async () => {
    const token = await tokens.access(CLAIMS);
    await tokens.verifyAccess(token);
    jest.useFakeTimers({
      now: Date.now() + QUARTER_MS + 1000,
      doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'],
    });
    try {
      const expired = { code: 'UNAUTHENTICATED', message: expect.stringContaining('expired') };
      await expect(tokens.verifyAccess(token)).rejects.toMatchObject(expired);
    } finally {
      jest.useRealTimers();
    }
  });

  test('is checked again once others came in its place', async () => {
    const few = createTokens(SECRET, 2);
    const verify = jest.spyOn(crypto.subtle, 'verify');
    const three = await Promise.all(['a', 'b', 'c'].map((sub) => few.access({ ...CLAIMS, sub })));
    for (const token of three) await few.verifyAccess(token);
    verify.mockClear();
    for (const token of three.toReversed()) await few.verifyAccess(token);
    expect(verify).toHaveBeenCalledTimes(1);
    verify.mockRestore();
  });

  test('vouches for no other one of the same claims', async () => {
    const token = await tokens.access(CLAIMS);
    await tokens.verifyAccess(token);
    const [head, claims] = token.split('.');
    const forged = `${head}.${claims}.${'A'.repeat(43)}`;
    await expect(tokens.verifyAccess(forged)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

test('a token for something else gives no access', async () => {
  const end = new Date(Date.now() + QUARTER_MS);
  const others = [await tokens.codec('user'), await tokens.refresh({ sub: 'user', jti: 'row' }, end)];
  for (const token of others)
    await expect(tokens.verifyAccess(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});
