import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { createAcme } from '../../../providers/acme/client.ts';
import { createKey } from '../../../providers/acme/csr.ts';
import { createPowerDns } from '../../../providers/powerdns/client.ts';
import { start } from '../../../sandbox/acme/index.ts';
import { start as startPowerDns } from '../../../sandbox/powerdns/index.ts';
import { pebbleIsHere } from '../../support/pebble.ts';
import { startStandIn } from '../../support/sandbox.ts';
import { issue, until } from './steps.ts';

const lanes: [string, Record<string, string>][] = [['our stand-in', {}]];
if (await pebbleIsHere()) lanes.push(['the genuine Pebble', { SANDBOX_ACME: 'pebble' }]);

test.each(lanes)('a record written through PowerDNS is found by %s', async (_, settings) => {
  const names = await startStandIn('powerdns', startPowerDns);
  try {
    const ca = await startStandIn('acme', start, { env: { ...names.env, ...settings } });
    try {
      await certify(names.env, ca.env);
    } finally {
      await ca.close();
    }
  } finally {
    await names.close();
  }
});

async function certify(names: Record<string, string>, ca: Record<string, string>) {
  const { POWERDNS_URL: url, POWERDNS_API_KEY: apiKey } = names;
  const powerdns = createPowerDns({ url: url!, apiKey: apiKey!, timeoutMs: 5000 });
  const tls = ca.ACME_CA ? { ca: readFileSync(ca.ACME_CA, 'utf8') } : {};
  const acme = createAcme({ directoryUrl: ca.ACME_DIRECTORY_URL!, timeoutMs: 5000, ...tls });
  const keyPem = await createKey();
  const account = { keyPem, url: await acme.ensureAccount(keyPem, 'certificates@hoster.example') };

  await powerdns.ensureZone('shop.example', ['ns1.hoster.example']);
  const order = await acme.newOrder(account, ['www.shop.example']);
  const { dns01 } = await acme.authorization(account, order.authorizations[0]!);
  const record = { name: '_acme-challenge.www.shop.example.', type: 'TXT', ttl: 60, contents: [`"${dns01!.txt}"`] };
  await powerdns.replaceRrsets('shop.example', [record]);
  await acme.challengeReady(account, dns01!.url);
  const ready = await until(
    () => acme.order(account, order.url),
    (one) => one?.status !== 'pending',
  );
  const { certificate } = await issue(acme, account, ready!);
  expect(certificate.chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
}
