import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Api, PERSON, startApi } from '../api/support.ts';

// What `npm run fuzz` has found.

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test('a path that is written out is no id of the path beside it, whatever the method', async () => {
  const refused = await api.admin('PUT', '/api/domains/search', { body: {} });
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  const other = await api.admin('DELETE', '/api/domains/register');
  expect([other.status, other.headers.get('allow')]).toEqual([405, 'POST']);
});

test('nobody has an address with more than 64 characters before the @', async () => {
  const named = (length: number) => ({ ...PERSON, email: `${'a'.repeat(length)}@example.com` });
  expect((await api.admin('POST', '/api/customers', { body: named(65) })).status).toBe(422);
  expect((await api.admin('POST', '/api/customers', { body: named(64) })).status).toBe(201);
});

test('the document says where a body may be missing, and what an Idempotency-Key looks like', async () => {
  const { paths } = (await (await fetch(`${api.url}/openapi.json`)).json()) as Document;
  expect(paths['/api/domains/{id}']?.put?.requestBody).toMatchObject({ required: false });
  expect(paths['/api/customers']?.post?.requestBody).toMatchObject({ required: true });
  const key = paths['/api/customers']?.post?.parameters?.find(({ name }) => name === 'Idempotency-Key');
  expect('a b').not.toMatch(new RegExp(String(key?.schema.pattern)));
});

test('the document says of every text in a query that control characters are refused', async () => {
  const { paths } = (await (await fetch(`${api.url}/openapi.json`)).json()) as Document;
  const queries = Object.values(paths).flatMap(({ get }) => get?.parameters?.filter((one) => one.in === 'query') ?? []);
  const texts = queries.filter(({ schema }) => schema.type === 'string' && !schema.enum && !schema.format);
  expect(texts.map(({ name }) => name)).toEqual(expect.arrayContaining(['search', 'q', 'tld', 'resourceType']));
  for (const { name, schema } of texts) {
    const pattern = new RegExp(schema.pattern ?? '', 'u');
    expect([name, pattern.test('a\0b')]).toEqual([name, false]);
  }
  expect((await api.admin('GET', '/api/customers?search=a%07b')).body.error.message).toMatch(/^search: control/);
});

interface Document {
  paths: Record<
    string,
    Record<string, { requestBody?: object; parameters?: { name: string; in: string; schema: Schema }[] }>
  >;
}

interface Schema {
  type?: string;
  enum?: string[];
  format?: string;
  pattern?: string;
}
