import { expect, test } from '@jest/globals';
import { ADMIN, startApi } from '../api/support.ts';

// The minute's attempts were counted by e-mail address too: whoever tried somebody's kept them out, minute by minute.

test('what others try in a minute is not counted against the owner of an address', async () => {
  const api = await startApi({ TRUST_PROXY: '127.0.0.1', RATE_LIMIT_LOGIN: '3' });
  try {
    const from = (address: string, password: string) =>
      api.anyone('POST', '/api/auth/login', {
        body: { ...ADMIN, password },
        headers: { 'x-forwarded-for': address },
      });
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push((await from('198.51.100.1', 'a wrong guess')).status);
    expect(answers).toEqual([401, 401, 401, 429]);
    expect((await from('203.0.113.1', ADMIN.password)).status).toBe(200);
  } finally {
    await api.close();
  }
});
