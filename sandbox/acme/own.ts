import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Call, serveHttp } from '../lib/http.ts';
import type { Start } from '../lib/stand-in.ts';
import type { Authority } from './authority.ts';
import { revoke } from './certificates.ts';
import { openIssuer } from './issuer.ts';
import { Nonces } from './nonces.ts';
import { plantCertificate } from './plant.ts';
import { openRecords } from './records.ts';
import { answer } from './router.ts';
import { resumeValidations } from './validation.ts';

/** Our own CA, over plain HTTP on loopback. */
export const startAuthority: Start = async (self, around) => {
  const { DNS_ADDRESS } = around.env;
  if (!DNS_ADDRESS) throw new Error('acme: DNS_ADDRESS (host:port of the DNS server to ask) is not set');
  const ending = new AbortController();
  const ca: Authority = {
    records: openRecords(self.store),
    nonces: new Nonces(),
    issuer: await openIssuer(self.store),
    dns: DNS_ADDRESS.split(','),
    speed: around.speed,
    running: new Set(),
    stop: ending.signal,
    url: (path) => `${server.url}${path}`,
    switched: <T extends object>(name: string, operation: string) => {
      const on = self.faults.switched(name, operation);
      return on && ((on.data ?? {}) as T);
    },
  };
  const at = { host: around.host, port: await around.port('acme'), describe };
  const server = await serveHttp(self, at, (call) => answer(ca, call));
  const roots = join(around.dir, 'acme-root.pem');
  writeFileSync(roots, ca.issuer.rootPem);
  resumeValidations(ca);
  return {
    env: { ACME_DIRECTORY_URL: ca.url('/directory'), ACME_ROOTS: roots },
    urls: { directory: ca.url('/directory'), root: ca.url('/roots/0') },
    state: () => ({
      accounts: ca.records.accounts.values(),
      orders: ca.records.orders.values(),
      authorizations: ca.records.authorizations.values(),
      certificates: ca.records.certificates.values(),
    }),
    acts: {
      revoke: ({ serial, reason }) => revoke(ca, String(serial), Number(reason ?? 4)),
      'plant-certificate': ({ names }) => plantCertificate(ca, (names as string[]).map(String)),
    },
    async close() {
      ending.abort();
      await server.close();
      await Promise.all(ca.running);
    },
  };
};

/** What the request log keeps: the JWS opened. */
function describe(call: Call): unknown {
  try {
    const { protected: head, payload } = JSON.parse(call.body.toString('utf8')) as Record<string, string>;
    const [header, body] = [head, payload].map((part) => Buffer.from(part ?? '', 'base64url').toString('utf8'));
    return { header: JSON.parse(header!), payload: body };
  } catch {
    return { body: call.body.toString('utf8') };
  }
}
