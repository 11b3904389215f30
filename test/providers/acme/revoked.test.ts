import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ProviderError } from '../../../core/errors.ts';
import { createAcme } from '../../../providers/acme/client.ts';
import type { Acme } from '../../../providers/acme/port.ts';
import { start } from '../../../sandbox/acme/index.ts';
import { startStandIn } from '../../support/sandbox.ts';

let ca: Awaited<ReturnType<typeof startStandIn>>;
let acme: Acme;
beforeAll(async () => {
  ca = await startStandIn('acme', start, { env: { DNS_ADDRESS: '127.0.0.1:1' } });
  acme = createAcme({ directoryUrl: String(ca.env.ACME_DIRECTORY_URL), timeoutMs: 5_000 });
});
afterAll(() => ca.close());

const plant = async (name: string) =>
  (await ca.running.acts?.['plant-certificate']?.({ names: [name] })) as { serial: string; chain: string };

test('tells the revoked ones among many, with one call', async () => {
  const all = await Promise.all(['a.example', 'b.example', 'c.example'].map(plant));
  await ca.running.acts?.revoke?.({ serial: all[1]?.serial });
  const since = ca.self.log.list({ since: 0, match: '', limit: 1000 }).length;
  expect([...(await acme.findRevoked(all.map(({ chain }) => chain)))]).toEqual([all[1]?.serial]);
  expect(ca.self.log.list({ since: 0, match: '', limit: 1000 })).toHaveLength(since + 1);
});

test('a list that does not come says nothing of anybody', async () => {
  const { chain } = await plant('d.example');
  ca.self.faults.add({ match: 'GET /crl', phase: 'before', action: { kind: 'status', status: 503 } });
  await expect(acme.findRevoked([chain])).rejects.toBeInstanceOf(ProviderError);
});

test('a list that another has signed is not believed', async () => {
  const { chain } = await plant('e.example');
  const [leaf = ''] = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/) ?? [];
  await expect(acme.findRevoked([`${leaf}\n${leaf}\n`])).rejects.toThrow('not signed');
});
