import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createActivities } from '../../activities/index.ts';
import { ProviderError } from '../../core/errors.ts';
import { Certificate, Customer, Job, Tenant } from '../../db/entities/index.ts';
import { startJob } from '../../db/queries/jobs.ts';
import type { Acme } from '../../providers/acme/port.ts';
import { newId } from '../../runtime/ids.ts';
import type { StepRef } from '../../workflows/contract.ts';
import { type Hands, openWorld, type World } from '../laws/support/world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LIFE_MS = 90 * DAY_MS;

let world: World;
let hands: Hands;
beforeAll(async () => {
  world = await openWorld();
  hands = world.hands(false);
}, 60_000);
beforeEach(() => world.rows('delete from job; delete from certificate'));
afterAll(async () => {
  await hands.close();
  await world.close();
});

interface Owner {
  tenantId: string;
  customerId: string;
}

/** A tenant's sweep, with so many renewals an hour and a CA that says this of its wish. */
async function sweepOf(tenantId: string, perHour = 50, renewalWindow?: Acme['renewalWindow']) {
  const em = world.em();
  const { job } = startJob(em, { type: 'expiry_sweep', tenantId, targetId: tenantId });
  await em.flush();
  const { deps } = hands;
  const config = { ...deps.config, CERTIFICATES_PER_HOUR: perHour };
  const acme = { ...deps.acme, ...(renewalWindow ? { renewalWindow } : {}) };
  const activities = createActivities({ ...deps, config, acme });
  const about = { jobId: job.id, tenantId, targetId: tenantId, type: 'expiry_sweep', customerId: null, orderId: null };
  const ref = { ...about, phase: 'do', step: 'expiries' } as StepRef;
  return {
    read: () => activities.readRenewalWindows(ref),
    renew: () => activities.startCertificateRenewals(ref),
  };
}

/** Served for `age`; to be renewed now unless it has not been looked at. */
async function certificate({ tenantId, customerId }: Owner, age = 80 * DAY_MS, looked = true) {
  const em = world.em();
  const [id, notBefore] = [newId(), new Date(Date.now() - age)];
  const notAfter = new Date(notBefore.getTime() + LIFE_MS);
  const due = looked ? { renewAt: new Date(Date.now() - HOUR_MS), lookAt: new Date(Date.now() + DAY_MS) } : {};
  const names = { domain: `${id}.example`, serial: id, chain: 'PEM' };
  await em.insert(Certificate, { id, tenantId, customerId, ...names, status: 'active', notBefore, notAfter, ...due });
  return id;
}

async function secondTenant() {
  const [tenantId, customerId, em] = [newId(), newId(), world.em()];
  await em.insert(Tenant, { id: tenantId, name: `second ${tenantId}` });
  await em.insert(Customer, { id: customerId, tenantId, name: 'Bob', email: `${tenantId}@customers.test` });
  return { tenantId, customerId };
}

describe('certificates that are due are renewed', () => {
  const begun = () => world.em().count(Job, { type: 'certificate_renew' });

  test('as many an hour as the CA is to be asked for, the others in the hours after', async () => {
    for (let count = 0; count < 5; count++) await certificate(world);
    const { renew } = await sweepOf(world.tenantId, 2);
    await renew();
    await renew();
    expect(await begun()).toBe(2);
    await world.rows(`update job set created_at = now() - interval '61 minutes' where type = 'certificate_renew'`);
    await renew();
    expect(await begun()).toBe(4);
  });

  test('tenants whose sweeps run at the same moment share the hour', async () => {
    const tenants: Owner[] = [world, ...(await Promise.all([1, 2, 3].map(secondTenant)))];
    for (const tenant of tenants) for (let count = 0; count < 3; count++) await certificate(tenant);
    const sweeps = await Promise.all(tenants.map(({ tenantId }) => sweepOf(tenantId, 4)));
    await Promise.all(sweeps.map(({ renew }) => renew()));
    expect(await begun()).toBe(4);
  });
});

describe('when a certificate is to be renewed', () => {
  async function dates(id: string) {
    const { renewAt, lookAt, notBefore } = await world.em().findOneOrFail(Certificate, { id });
    const of = (date: Date | null | undefined) => (date ? date.getTime() : Number.NaN);
    return { share: (of(renewAt) - of(notBefore)) / LIFE_MS, again: of(lookAt) - Date.now() };
  }
  const down = new ProviderError({ provider: 'acme', operation: 'renewal info', kind: 'unavailable', detail: 'down' });

  test.each<[string, Acme['renewalWindow']]>([
    ['has no wish', async () => undefined],
    ['cannot be asked', () => Promise.reject(down)],
  ])('a CA that %s: at two thirds of its life, not all in one moment, and it is asked again', async (_, window) => {
    const ids = await Promise.all([1, 2, 3, 4, 5].map(() => certificate(world, 2 * DAY_MS, false)));
    await (await sweepOf(world.tenantId, 50, window)).read();
    const found = await Promise.all(ids.map(dates));
    for (const { share, again } of found) {
      expect(share).toBeGreaterThanOrEqual(2 / 3);
      expect(share).toBeLessThanOrEqual(2 / 3 + 1 / 30);
      expect(again / HOUR_MS).toBeCloseTo(6, 1);
    }
    expect(new Set(found.map(({ share }) => share)).size).toBe(ids.length);
  });

  test('a CA that names a window: within that, and it is asked again when it says', async () => {
    const id = await certificate(world, 2 * DAY_MS, false);
    const { notBefore } = await world.em().findOneOrFail(Certificate, { id });
    const at = (share: number) => new Date(notBefore!.getTime() + LIFE_MS * share);
    const window = async () => ({ start: at(0.4), end: at(0.5), retryAfterMs: HOUR_MS });
    await (await sweepOf(world.tenantId, 50, window)).read();
    const { share, again } = await dates(id);
    expect(share).toBeGreaterThanOrEqual(0.4);
    expect(share).toBeLessThanOrEqual(0.5);
    expect(again / HOUR_MS).toBeCloseTo(1, 1);
  });

  test('what is no answer of a CA is not taken for one', async () => {
    await certificate(world, 2 * DAY_MS, false);
    const broken = () => Promise.reject(new TypeError('a bug'));
    await expect((await sweepOf(world.tenantId, 50, broken)).read()).rejects.toThrow('a bug');
  });
});
