import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { User } from '../../db/entities/index.ts';
import { keyRing } from '../../runtime/config.ts';
import { createPayloadCodec } from '../../runtime/payloads.ts';
import { ADMIN, type Api, startApi } from './support.ts';

const UI = 'http://127.0.0.1:8233';
let api: Api;
let token: string;
beforeAll(async () => {
  api = await startApi({ TEMPORAL_UI_ORIGINS: UI });
  const { body } = await api.anyone('POST', '/api/auth/login', { body: ADMIN });
  token = body.token as string;
});
afterAll(() => api.close());

const base64 = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('base64');
const json = ({ metadata, data }: Payload) => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
  data: base64(data),
});
const clear = defaultPayloadConverter.toPayload({ jobId: 'a job' }) as Payload;
async function closed() {
  const [payload] = await createPayloadCodec(keyRing(api.config)).encode([clear]);
  return json(payload!);
}

async function ask(path: string, headers: Record<string, string>, payloads: unknown[], method = 'POST') {
  const response = await fetch(`${api.url}/codec${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-namespace': 'default', ...headers },
    body: JSON.stringify({ payloads }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
}
const bearer = () => ({ authorization: `Bearer ${token}` });

async function cookie(): Promise<string> {
  const response = await fetch(`${api.url}/codec/session`, { method: 'POST', headers: bearer() });
  const set = response.headers.get('set-cookie') ?? '';
  expect({ status: response.status, set }).toEqual({
    status: 204,
    set: expect.stringMatching(
      /^mpanel_codec=\S+; Max-Age=28800; Path=\/codec; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    ),
  });
  return set.split(';')[0] ?? '';
}

describe('the codec server', () => {
  test('decodes and encodes for an operator with an access token, as Temporal’s CLI sends it', async () => {
    const decoded = await ask('/decode', bearer(), [await closed(), json(clear)]);
    expect(decoded).toMatchObject({ status: 200, body: { payloads: [json(clear), json(clear)] } });
    const encoded = await ask('/encode', bearer(), [json(clear)]);
    expect(encoded.body.payloads[0].data).not.toBe(json(clear).data);
    expect((await ask('/decode', bearer(), encoded.body.payloads)).body.payloads).toEqual([json(clear)]);
  });

  test('decodes for the UI of a browser that has signed in, as it sends it', async () => {
    const preflight = await fetch(`${api.url}/codec/decode`, {
      method: 'OPTIONS',
      headers: {
        origin: UI,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-namespace',
      },
    });
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': UI,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': expect.stringMatching(/Content-Type.*X-Namespace/),
    });
    const answer = await ask('/decode?preserveStorageRefs=true', { origin: UI, cookie: await cookie() }, [
      await closed(),
    ]);
    expect(answer).toMatchObject({ status: 200, body: { payloads: [json(clear)] } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(UI);
  });

  test('has a page to sign in at, whose script is a file of its own', async () => {
    const page = await fetch(`${api.url}/codec`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('<script src="/codec/page.js">');
    expect((await fetch(`${api.url}/codec/page.js`)).status).toBe(200);
  });

  test('is closed to whoever is not signed in, to tokens of another kind, and to other sites', async () => {
    expect((await ask('/decode', {}, [await closed()])).status).toBe(401);
    expect((await ask('/decode', { cookie: `mpanel_codec=${token}` }, [await closed()])).status).toBe(401);
    const session = (await cookie()).split('=')[1] ?? '';
    expect((await api.withToken(session)('GET', '/api/auth/me')).status).toBe(401);
    const foreign = await ask('/decode', { origin: 'http://evil.example', cookie: await cookie() }, []);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('is not there for people of a tenant, and ends with the operator’s rights', async () => {
    const staff = { email: 'staff@mpanel.test', password: 'a long enough password' };
    const made = await api.admin('POST', '/api/users', { body: { name: 'S', ...staff, roles: ['admin'] } });
    expect(made.status).toBe(201);
    const { body } = await api.anyone('POST', '/api/auth/login', { body: staff });
    const theirs = { authorization: `Bearer ${body.token}` };
    expect((await ask('/decode', theirs, [await closed()])).status).toBe(404);
    expect((await ask('/session', theirs, [])).status).toBe(404);
    const session = await cookie();
    const em = api.orm.em.fork();
    await em.nativeUpdate(User, { email: ADMIN.email }, { roles: ['admin'] });
    try {
      expect((await ask('/decode', { cookie: session }, [await closed()])).status).toBe(401);
    } finally {
      await em.nativeUpdate(User, { email: ADMIN.email }, { roles: ['platform_admin', 'admin'] });
    }
  });

  test('says what it cannot decode', async () => {
    const payload = await closed();
    const changed = { ...payload, data: Buffer.from(payload.data, 'base64').reverse().toString('base64') };
    expect((await ask('/decode', bearer(), [changed])).status).toBe(422);
    const metadata = { ...payload.metadata, 'encryption-key-id': Buffer.from('00000000').toString('base64') };
    const { status, body } = await ask('/decode', bearer(), [{ ...payload, metadata }]);
    expect(status).toBe(422);
    expect(JSON.stringify(body)).toContain('sealed with the key 00000000');
    expect((await ask('/decode', bearer(), ['nonsense'])).status).toBe(422);
    expect((await ask('/decode', { ...bearer(), 'x-namespace': 'other' }, [payload])).status).toBe(404);
  });
});
