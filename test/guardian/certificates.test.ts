import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import type { Instance } from '../../db/entities/index.ts';
import { openWatch, told, type Watch } from './support/watch.ts';

let watch: Watch;
let pod: Instance;
beforeAll(async () => {
  watch = await openWatch();
  pod = await watch.pod('web');
}, 120_000);
afterAll(() => watch.close());

const breakEdge = (body: object = {}) => watch.act('proxmox', 'break-edge', { vmid: pod.vmid, ...body });
const progress = (scan: { checks: { name: string }[] }) => scan.checks.find(({ name }) => name === 'certificates');

async function selfSigned(notAfter: Date) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const name = `CN=${pod.hostname}`;
  const made = await X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    notBefore: new Date(0),
    notAfter,
    signingAlgorithm: algorithm,
  });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { cert: made.toString('pem'), key };
}

describe('certificates', () => {
  test('nothing is wrong with what was just delivered', async () => {
    expect(progress(await watch.scan())).toMatchObject({ done: true, looked: 1, found: 0, missed: 0, detail: null });
    expect(await watch.open('certificates')).toEqual([]);
  });

  test('one that nobody stands behind, runs out soon, over a protocol of old', async () => {
    await breakEdge({ ...(await selfSigned(new Date(Date.now() + 2 * 86_400_000))), oldest: 'TLSv1' });
    const scan = await watch.scan();
    const found = await watch.open('certificates');
    expect(told(found)).toEqual(['certificate_expiring high', 'certificate_untrusted high', 'tls_old_protocol medium']);
    expect(progress(scan)).toMatchObject({ found: 3 });
    expect(found[2]?.evidence).toMatchObject({
      accepted: ['TLSv1', 'TLSv1.1'],
      address: `${pod.ipv4}:${watch.world.config.TLS_PORT}`,
    });
  });

  test('seen again it is the same finding; gone it is resolved; back it is open again', async () => {
    const [first] = await watch.open('certificates');
    await watch.scan();
    const [again] = await watch.open('certificates');
    expect(again).toMatchObject({ id: first?.id, createdAt: first?.createdAt });
    expect(again!.lastSeenAt.getTime()).toBeGreaterThan(first!.lastSeenAt.getTime());
    const expired = await selfSigned(new Date(Date.now() - 86_400_000));
    await breakEdge(expired);
    await watch.scan();
    expect(told(await watch.open('certificates'))).toEqual(['certificate_expiring critical']);
    expect(await watch.finding(first!.id)).toMatchObject({ state: 'open', severity: 'critical' });
  });

  test('a server that does not answer leaves what is known of it alone, and the scan says so', async () => {
    const before = await watch.open('certificates');
    await watch.act('proxmox', 'stop-guest', { vmid: pod.vmid });
    const scan = await watch.scan();
    expect(progress(scan)).toMatchObject({
      done: true,
      looked: 0,
      missed: 1,
      detail: expect.stringContaining('ECONNREFUSED'),
    });
    expect((await watch.open('certificates')).map(({ id, lastSeenAt }) => [id, lastSeenAt])).toEqual(
      before.map(({ id, lastSeenAt }) => [id, lastSeenAt]),
    );
    await watch.act('proxmox', 'start-guest', { vmid: pod.vmid });
  });

  test('what is not there any more has no findings', async () => {
    await watch.world.rows(`update certificate set status = 'revoked'`);
    await watch.scan();
    expect(await watch.open('certificates')).toEqual([]);
  });
});
