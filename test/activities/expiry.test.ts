import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createActivities } from '../../activities/index.ts';
import { ProviderError } from '../../core/errors.ts';
import { Certificate, Customer, Domain, Job, Tenant } from '../../db/entities/index.ts';
import { jobInput, startJob } from '../../db/queries/jobs.ts';
import type { Acme } from '../../providers/acme/port.ts';
import { newId } from '../../runtime/ids.ts';
import type { StepRef } from '../../workflows/contract.ts';
import { sceneOf } from '../laws/support/scene.ts';
import { registered } from '../laws/support/stages/names.ts';
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

describe('what is about to expire', () => {
  interface Mail {
    subject: string;
    text: string;
  }
  test('is told of at 30, 7 and 1 days, once each, in a mail that names it and the date', async () => {
    const scene = sceneOf(world, hands);
    const domainId = await registered(scene);
    const certificateId = await certificate(world, 2 * DAY_MS);
    const [{ name }, { domain: host }] = [
      await world.em().findOneOrFail(Domain, { id: domainId }),
      await world.em().findOneOrFail(Certificate, { id: certificateId }),
    ];
    await world.rows(`update certificate set renew_at = not_after`);
    const mails = async () => ((await world.running('mail').state()) as { messages: Mail[] }).messages;
    /** What a sweep has mailed. */
    async function swept(): Promise<Mail[]> {
      const before = (await mails()).length;
      const em = world.em();
      const { job } = startJob(em, { type: 'expiry_sweep', tenantId: world.tenantId, targetId: world.tenantId });
      await em.flush();
      await scene.done({ job: jobInput(job) });
      const notices = await world.em().find(Job, { type: 'notice_send', status: 'pending' });
      for (const notice of notices) await scene.done({ job: jobInput(notice) });
      return (await mails()).slice(before);
    }
    /** Time passes: the date comes nearer, and so is the one that was told of. */
    async function expireIn(days: number, was?: Date): Promise<Date> {
      const at = new Date(Date.now() + days * DAY_MS);
      await world.em().nativeUpdate(Domain, { id: domainId }, { expiresAt: at });
      await world.em().nativeUpdate(Certificate, { id: certificateId }, { notAfter: at });
      if (was) await world.rows(`update notification set key = replace(key, '${dayOf(was)}', '${dayOf(at)}')`);
      return at;
    }
    const dayOf = (at: Date) => at.toISOString().slice(0, 10);

    let at = await expireIn(31);
    expect(await swept()).toEqual([]);
    for (const days of [29, 6, 0.5]) {
      at = await expireIn(days, at);
      const told = await swept();
      const subjects = [`${name} expires on ${dayOf(at)}`, `The certificate of ${host} expires on ${dayOf(at)}`];
      expect(told.map(({ subject }) => subject).sort()).toEqual(subjects.sort());
      for (const { subject, text } of told) expect(text).toContain(subject);
      expect(await swept()).toEqual([]);
    }
  });
});
