import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CloudPod, Page } from '../support/client.ts';
import { pebbleIsHere } from '../support/pebble.ts';
import { openStage, type Stage } from './stage/index.ts';

interface Certificate {
  id: string;
  domain: string;
  status: string;
  autoRenew: boolean;
}

/** SANDBOX_ACME=pebble npm start: the CA is nobody's idea of a CA, and everything else as ever. */
((await pebbleIsHere()) ? describe : describe.skip)(
  'a platform whose certificates come from the genuine Pebble',
  () => {
    let stage: Stage;
    let pod: CloudPod;
    beforeAll(async () => {
      stage = await openStage({ env: { SANDBOX_ACME: 'pebble', PEBBLE_WFE_NONCEREJECT: '30' } });
      pod = await buy();
    }, 240_000);
    afterAll(() => stage?.close());

    async function buy(): Promise<CloudPod> {
      const domain = stage.name();
      const wishes = [stage.domain(domain), stage.pod(`www.${domain}`)];
      const { order, invoice } = await stage.place(await stage.customer(), wishes);
      await stage.pay(invoice.id);
      const { items } = await stage.ended(order.id, 90_000);
      expect(items.map(({ status, reason }) => reason ?? status)).toEqual(['delivered', 'delivered']);
      return stage.admin.get(`/cloudpods/${items.find(({ type }) => type === 'cloudpod')?.resourceId}`);
    }
    async function certificate(): Promise<Certificate> {
      const { items } = await stage.admin.get<Page<Certificate>>('/ssl/certificates?pageSize=100');
      return items.find(({ domain, status }) => domain === pod.hostname && status === 'active')!;
    }
    const leaf = async () =>
      new X509Certificate(await stage.admin.text(`/ssl/certificates/${(await certificate()).id}/download`));

    test('the guest serves one that leads to its root', async () => {
      expect((await leaf()).issuer).toMatch(/CN=Pebble Intermediate CA/);
      expect(readFileSync(String(stage.platform.env.ACME_ROOTS), 'utf8')).toContain('BEGIN CERTIFICATE');
      expect(await stage.world.handshake(pod.ipv4 ?? '', pod.hostname)).toEqual({
        authorized: true,
        names: `DNS:${pod.hostname}`,
      });
      const challenges = Object.keys(await stage.world.records()).filter((key) => key.startsWith('_acme-challenge.'));
      expect(challenges).toEqual([]);
    });

    test('it is renewed, and revoked with the guest', async () => {
      const before = await leaf();
      const { job } = await stage.admin.post<{ job: { id: string } }>(
        `/ssl/certificates/${(await certificate()).id}/renew`,
      );
      await stage.stands(job.id, 'completed', 60_000);
      expect((await leaf()).serialNumber).not.toBe(before.serialNumber);
      expect(await stage.world.handshake(pod.ipv4 ?? '', pod.hostname)).toMatchObject({ authorized: true });

      const gone = await stage.admin.send<{ job: { id: string } }>('DELETE', `/cloudpods/${pod.id}`);
      await stage.stands(gone.job.id, 'completed', 60_000);
      expect((await stage.outside.requests('acme', 'revoke')).length).toBeGreaterThan(0);
      expect(await certificate()).toBeUndefined();
    });

    test('after a new start, at which Pebble has forgotten everything, it is told anew who we are', async () => {
      for (const part of ['sandbox', 'workers'] as const) await stage.platform.restart(part);
      pod = await buy();
      expect((await leaf()).issuer).toMatch(/CN=Pebble Intermediate CA/);
      expect(await stage.world.handshake(pod.ipv4 ?? '', pod.hostname)).toMatchObject({ authorized: true });
    }, 180_000);
  },
);
