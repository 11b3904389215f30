import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer } from 'dns-packet';
import { zonePolicy } from '../../activities/guardian/checks/zone-policy.ts';
import { createActivities } from '../../activities/index.ts';
import { GuardianScan } from '../../db/entities/index.ts';
import { asTenant } from '../../db/tenant-scope.ts';
import { sceneOf } from '../laws/support/scene.ts';
import { scanned } from '../laws/support/stages/guardian.ts';
import { resolverFor } from './support/resolver.ts';
import { checkOf, openWatch, type Watch } from './support/watch.ts';
import { NAME, openZone, type Zone } from './support/zone.ts';

let watch: Watch;
let zone: Zone;
beforeAll(async () => {
  watch = await openWatch();
  zone = await openZone(watch);
}, 120_000);
afterAll(() => watch.close());

describe('zone policy', () => {
  const sign = (dnssec: boolean) => {
    const { POWERDNS_URL: url, POWERDNS_API_KEY: key } = watch.world.config;
    return fetch(`${url}/api/v1/servers/localhost/zones/${NAME}.`, {
      method: 'PUT',
      headers: { 'x-api-key': key ?? '', 'content-type': 'application/json' },
      body: JSON.stringify({ dnssec }),
    });
  };

  test('a zone without CAA and keys', async () => {
    expect(await watch.seen('zone_policy', zone.id)).toEqual(['low dns_no_caa', 'low dns_unsigned']);
  });
  test('one that has both', async () => {
    await zone.setRecord(NAME, 'CAA', ['0 issue "ca.example"']);
    await sign(true);
    expect(await watch.seen('zone_policy', zone.id)).toEqual([]);
  });

  /** What the name server says of its keys: their DS records. */
  async function signers(): Promise<string[]> {
    const { POWERDNS_URL: url, POWERDNS_API_KEY: key } = watch.world.config;
    const path = `${url}/api/v1/servers/localhost/zones/${NAME}./cryptokeys`;
    const keys = (await (await fetch(path, { headers: { 'x-api-key': key ?? '' } })).json()) as { ds: string[] }[];
    return keys.flatMap(({ ds }) => ds);
  }
  /** A resolver that knows these DS records of the zone's parent. */
  const parentOf = (...ds: string[]) =>
    resolverFor(
      watch,
      ...ds.map((line): Answer => {
        const [keyTag, algorithm, digestType, digest] = line.split(' ');
        const numbers = { keyTag: Number(keyTag), algorithm: Number(algorithm), digestType: Number(digestType) };
        return { name: NAME, type: 'DS', data: { ...numbers, digest: Buffer.from(digest ?? '', 'hex') } };
      }),
    );
  type Asking = Awaited<ReturnType<typeof parentOf>>['asking'];
  /** What is seen of the zone while its parent has these DS records. */
  async function delegated(...ds: string[]): Promise<string[]> {
    const { resolver, asking } = await parentOf(...ds);
    const { tenantId } = watch;
    const found = await asTenant(tenantId, async () => {
      const [thing] = await zonePolicy(asking).things({ tenantId, id: zone.id, limit: 1 });
      return thing!.look();
    });
    resolver.close();
    return found.map((seen) => ('missed' in seen ? seen.missed : `${seen.severity} ${seen.kind}`));
  }
  /** Scans by that resolver, and what is open of the zone then. */
  function scansBy(asking: Asking) {
    const scene = sceneOf(watch.world, { ...watch.hands, deps: asking, activities: createActivities(asking) });
    return {
      scan: async () => scene.done(await scanned(scene)),
      open: async () => {
        const own = (await watch.open('zone_policy')).filter(({ resourceId }) => resourceId === zone.id);
        return own.map(({ kind }) => kind);
      },
    };
  }

  test('a parent whose DS fits one of the keys, whichever digest it has', async () => {
    const own = await signers();
    expect(own).toHaveLength(3);
    for (const ds of own) expect(await delegated(ds)).toEqual([]);
    expect(await delegated(`1 13 2 ${'00'.repeat(32)}`, ...own)).toEqual([]);
    // GOST: nobody here can tell.
    expect(await delegated(own[0]!.replace(' 13 1 ', ' 13 3 '))).toEqual([]);
  });
  test('a signed zone whose parent knows of no key', async () => {
    expect(await delegated()).toEqual(['low dns_no_ds']);
  });
  test('a resolver that is silent leaves what is known of DS alone, and the rest is judged', async () => {
    const { resolver, asking } = await parentOf();
    const { scan, open } = scansBy(asking);
    await scan();
    expect(await open()).toEqual(['dns_no_ds']);
    resolver.close();
    await zone.deleteRecord(NAME, 'CAA');
    const id = await scan();
    expect(await open()).toEqual(['dns_no_caa', 'dns_no_ds']);
    const told = checkOf(await watch.world.em().findOneOrFail(GuardianScan, { id }), 'zone_policy');
    expect(told).toMatchObject({ missed: 2, detail: expect.stringContaining(' DS from ') });
    await zone.setRecord(NAME, 'CAA', ['0 issue "ca.example"']);
    await scan();
    expect(await open()).toEqual(['dns_no_ds']);
  });
  test('a parent that knows other keys, or another digest of this one', async () => {
    const [sha1 = '', sha256 = ''] = await signers();
    const forged = sha256.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    for (const ds of [forged, `${sha1.slice(0, -40)}${'00'.repeat(20)}`, `1 ${sha256.split(' ').slice(1).join(' ')}`])
      expect(await delegated(ds)).toEqual(['high dns_ds_mismatch']);
  });
  test('a zone that is signed no more, though its parent says it is', async () => {
    const own = await signers();
    await sign(false);
    expect(await delegated(...own)).toEqual(['high dns_ds_mismatch']);
    expect(await delegated()).toEqual(['low dns_unsigned']);
  });
  test('while the resolver is silent, one that is taken for forged is not called unsigned as well', async () => {
    await sign(true);
    const { resolver, asking } = await parentOf(...(await signers()));
    const { scan, open } = scansBy(asking);
    await sign(false);
    await scan();
    expect(await open()).toEqual(['dns_ds_mismatch']);
    resolver.close();
    const id = await scan();
    expect(await open()).toEqual(['dns_ds_mismatch']);
    const told = checkOf(await watch.world.em().findOneOrFail(GuardianScan, { id }), 'zone_policy');
    expect(told?.missed).toBeGreaterThan(0);
  });
});
