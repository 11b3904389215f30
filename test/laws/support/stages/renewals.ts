import { Invoice, Job, Subscription } from '../../../../db/entities/index.ts';
import { type NewJob, startJob } from '../../../../db/queries/jobs.ts';
import type { JobType } from '../../../../workflows/catalog.ts';
import type { Asked, Scene } from '../scene.ts';
import type { Stage } from './index.ts';
import { ofTheHouse, registered } from './names.ts';

export async function begun(scene: Scene, job: Omit<NewJob, 'tenantId' | 'customerId'>): Promise<Asked> {
  const em = scene.world.em();
  const { tenantId } = scene.world;
  const { id } = startJob(em, { ...job, tenantId, customerId: scene.customerId }).job;
  await em.flush();
  return { job: scene.input(await em.findOneOrFail(Job, { id })) };
}

/** Subscribed to, and to be renewed in a day. */
export async function subscribed(scene: Scene, name = 'law'): Promise<string> {
  const resourceId = await scene.done(await scene.buy('CPOD-MINI', { name }));
  const { id } = await scene.world.em().findOneOrFail(Subscription, { resourceId });
  await scene.world.rows(`update subscription set renews_at = now() + interval '1 day' where id = '${id}'`);
  return id;
}

async function invoiced(scene: Scene, name?: string): Promise<string> {
  const targetId = await subscribed(scene, name);
  await scene.done(await begun(scene, { type: 'subscription_renew', targetId }));
  return targetId;
}

async function overdue(scene: Scene, name?: string): Promise<string> {
  const id = await invoiced(scene, name);
  await scene.world.rows(`update invoice set due_at = now() - interval '30 days' where subscription_id = '${id}'`);
  return id;
}

async function suspended(scene: Scene, name?: string): Promise<string> {
  const targetId = await overdue(scene, name);
  await scene.done(await begun(scene, { type: 'subscription_suspend', targetId }));
  return targetId;
}

const stage = (saga: JobType, arrange: (scene: Scene) => Promise<string>): Stage => ({
  saga,
  async arrange(scene) {
    const targetId = await arrange(scene);
    return () => begun(scene, { type: saga, targetId });
  },
});

export const renewals: readonly Stage[] = [
  stage('subscription_renew', subscribed),
  stage('subscription_suspend', overdue),
  stage('subscription_lapse', suspended),
  {
    saga: 'subscription_suspend',
    about: 'paid without our knowing',
    async arrange(scene) {
      const targetId = await overdue(scene);
      const invoice = await scene.world.em().findOneOrFail(Invoice, { subscriptionId: targetId });
      const session = await scene.page(invoice);
      await scene.world.running('stripe').acts?.pay?.({ session });
      return () => begun(scene, { type: 'subscription_suspend', targetId });
    },
  },
];

const DEAD = `
  insert into idempotency_key (tenant_id, caller_id, key, fingerprint, created_at)
    select id, id, 'old', '', now() - interval '2 days' from tenant`;

export const sweeps: readonly Stage[] = [
  {
    saga: 'renewal_sweep',
    async arrange(scene) {
      await overdue(scene);
      const { rows } = scene.world;
      const given = await suspended(scene, 'given-up');
      await rows(`update subscription set unpaid_since = now() - interval '90 days' where id = '${given}'`);
      const resourceId = await registered(scene);
      await rows(`update subscription set renews_at = now() where resource_id = '${resourceId}'`);
      const own = await ofTheHouse(scene, 'house.example');
      await rows(`update domain set auto_renew = true, expires_at = now() where id = '${own}'`);
      return () => begun(scene, { type: 'renewal_sweep', targetId: scene.world.tenantId });
    },
  },
  {
    saga: 'expiry_sweep',
    async arrange(scene) {
      const { rows } = scene.world;
      await subscribed(scene);
      // One whose CA is to be asked, and one that it was asked about: to be renewed now.
      await rows(`update certificate set look_at = now()`);
      await rows(`update certificate set renew_at = now(), look_at = now() + interval '1 day'
        where target_id = (select resource_id from subscription where id = '${await subscribed(scene, 'due')}')`);
      await rows(`update domain set expires_at = now() + interval '5 days' where id = '${await registered(scene)}'`);
      await rows(
        `update domain set expires_at = now() - interval '1 day', compared_at = null where id = '${await registered(scene, 'over.example')}'`,
      );
      return () => begun(scene, { type: 'expiry_sweep', targetId: scene.world.tenantId });
    },
  },
  {
    saga: 'cleanup_sweep',
    async arrange(scene) {
      await subscribed(scene);
      await scene.world.rows(DEAD);
      return () => begun(scene, { type: 'cleanup_sweep', targetId: scene.world.tenantId });
    },
  },
  {
    saga: 'notice_send',
    async arrange(scene) {
      const { tenantId } = scene.world;
      const id = '01900000-0000-7000-8000-000000000001';
      await scene.world.rows(`insert into notification (id, tenant_id, key, recipient, subject, text)
        values ('${id}', '${tenantId}', 'law', 'ann@example.com', 'law', 'law')`);
      return () => begun(scene, { type: 'notice_send', targetId: id });
    },
  },
];
