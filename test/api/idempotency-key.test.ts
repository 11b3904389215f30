import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Customer } from '../../db/entities/index.ts';
import { type Api, PERSON, startApi } from './support.ts';

// What a key means, at one route; test/api/idempotency.test.ts has all of them.

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const person = (email: string) => ({ ...PERSON, email });

describe('Idempotency-Key', () => {
  const create = (key: string, email: string) =>
    api.admin('POST', '/api/customers', { headers: { 'idempotency-key': key }, body: person(email) });

  test('the same request again: the same bytes, one effect', async () => {
    const first = await create('key-1', 'once@example.com');
    const again = await create('key-1', 'once@example.com');
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await api.orm.em.fork().count(Customer, { email: 'once@example.com' })).toBe(1);
  });

  test('many at once: one effect, one answer', async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => create('key-2', 'race@example.com')));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
  });

  test('422 for another body', async () => {
    await create('key-3', 'three@example.com');
    const { status, body } = await create('key-3', 'four@example.com');
    expect([status, body.error.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  test('a refusal keeps nothing: the key can be used again', async () => {
    expect((await create('key-4', 'once@example.com')).status).toBe(409);
    expect((await create('key-4', 'five@example.com')).status).toBe(201);
  });

  test('a key is one caller’s own', async () => {
    const other = { email: 'second.admin@mpanel.test', password: 'second admin password' };
    await api.admin('POST', '/api/users', { body: { ...other, name: 'S', roles: ['admin'] } });
    const call = await api.signIn(other);
    await create('key-5', 'six@example.com');
    const { status } = await call('POST', '/api/customers', {
      headers: { 'idempotency-key': 'key-5' },
      body: person('seven@example.com'),
    });
    expect(status).toBe(201);
  });

  test('400 for a key that is none', async () => {
    expect((await create('x'.repeat(256), 'eight@example.com')).status).toBe(400);
  });
});
