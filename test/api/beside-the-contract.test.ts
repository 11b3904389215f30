import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Api, startApi } from './support.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi({ METRICS_TOKEN: 'metrics-token' });
});
afterAll(() => api.close());

describe('beside the contract', () => {
  test('/metrics for loopback or the token, not for what a proxy forwards', async () => {
    expect((await api.anyone('GET', '/metrics')).text).toContain('http_request_duration_seconds_bucket');
    const forwarded = { 'x-forwarded-for': '203.0.113.7' };
    expect((await api.anyone('GET', '/metrics', { headers: forwarded })).status).toBe(404);
    const bearer = { ...forwarded, authorization: 'Bearer metrics-token' };
    expect((await api.anyone('GET', '/metrics', { headers: bearer })).status).toBe(200);
  });

  test('/openapi.json describes every route, with every reference leading somewhere', async () => {
    const { body, text } = await api.anyone('GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(body.paths['/api/dns/zones/{id}/records/{recordId}'].put).toBeDefined();
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      (match) => match[1] as string,
    );
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((name) => !(name in body.components.schemas))).toEqual([]);
  });

  test('/docs is a page from our own disk', async () => {
    const page = await api.anyone('GET', '/docs');
    const [, script = ''] = /src="([^"]+bundle[^"]+)"/.exec(page.text) ?? [];
    expect((await api.anyone('GET', script)).status).toBe(200);
    expect(page.text).not.toMatch(/https?:\/\//);
  });

  test('whoever opens the address without more is shown the way to /docs', async () => {
    const answer = await fetch(api.url, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/docs']);
  });

  test.each(['/docs', '/password', '/signed-in', '/codec'])(
    '%s has no icon for a browser to ask after',
    async (path) => {
      const { text, headers } = await api.anyone('GET', path);
      expect(text).toContain('<link rel="icon" href="data:,">');
      expect(headers.get('content-security-policy')).toMatch(/img-src [^;]*data:/);
    },
  );

  test('/docs tries requests at the origin where it was opened, the only one that its policy allows', async () => {
    const { text } = await api.anyone('GET', '/docs/start.js');
    const origin = 'http://localhost:2271';
    const shown = await new Promise((SwaggerUIBundle) =>
      runInNewContext(text, {
        SwaggerUIBundle,
        location: { origin },
        fetch: (path: string) => fetch(`${api.url}${path}`),
      }),
    );
    expect(shown).toMatchObject({ spec: { servers: [{ url: origin }], paths: { '/api/health': expect.anything() } } });
  });

  test('/api/status tells how each part is', async () => {
    api.engine.down = true;
    const { body } = await api.admin('GET', '/api/status');
    api.engine.down = false;
    expect(body).toMatchObject({
      mode: 'sandbox',
      dependencies: { database: 'ok', redis: 'ok', queue: 'down', proxmox: 'unknown' },
    });
    expect((await api.anyone('GET', '/api/status')).status).toBe(401);
  });

  test('/api/status says what plays each part', async () => {
    const mixed = await startApi({ STAND_INS: 'proxmox', PROVIDERS_OFF: 'stripe' });
    const { parts, dependencies } = (await mixed.admin('GET', '/api/status')).body;
    await mixed.close();
    const plays = Object.fromEntries(Object.entries(parts as object).map(([name, part]) => [name, part.plays]));
    expect(plays).toEqual({
      ...{ database: 'PostgreSQL', redis: 'PostgreSQL', queue: 'Temporal', proxmox: 'stand-in', stripe: 'nothing' },
      ...{ powerdns: 'configured', registrar: 'configured', acme: 'configured', mail: 'configured' },
      ...{ smtp: 'configured', vies: 'configured' },
    });
    expect(dependencies).toMatchObject({ stripe: 'off', proxmox: 'unknown', redis: 'ok' });
  });

  test('/api/status asks what processes share, rather than believe in it', async () => {
    const deaf = await startApi();
    await deaf.live.close();
    const { body } = await deaf.admin('GET', '/api/status');
    expect(body).toMatchObject({
      dependencies: { database: 'ok', redis: 'down' },
      parts: { redis: { plays: 'PostgreSQL' } },
    });
    await deaf.close();
  });
});
