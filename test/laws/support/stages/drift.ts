import { createRecord } from '../../../../api/usecases/dns/records.ts';
import type { DriftKind, DriftSystem } from '../../../../core/drift.ts';
import { DnsZone, Finding, Instance, Job, Refund } from '../../../../db/entities/index.ts';
import type { Asked, Scene } from '../scene.ts';
import type { Stage } from './index.ts';
import { refunded } from './money.ts';
import { NAME, registered } from './names.ts';

const acts = [{ name: 'settle', do: 'settleDrift' }] as const;

/** What a look at a system finds: one difference of this kind, and the job that is to mend it. */
async function found({ hands, world, input }: Scene, system: DriftSystem, kind: DriftKind): Promise<Asked> {
  await hands.activities.lookForDrift(system);
  const { jobId: id } = await world.em().findOneOrFail(Finding, { kind });
  return { job: input(await world.em().findOneOrFail(Job, { id })) };
}

const stage = (system: DriftSystem, kind: DriftKind, happen: (scene: Scene) => Promise<void>): Stage => ({
  saga: 'drift',
  about: kind,
  acts,
  async arrange(scene) {
    await happen(scene);
    return () => found(scene, system, kind);
  },
});

/** One of each system that something of ours is mended at, and of each way to mend it: there, in our rows, and with money. */
export const drift: readonly Stage[] = [
  stage('proxmox', 'guest_stopped', async (scene) => {
    const id = await scene.done(await scene.buy('CPOD-CT', { name: 'law' }));
    const { vmid } = await scene.world.em().findOneOrFail(Instance, { id });
    await scene.world.running('proxmox').acts?.['stop-guest']?.({ vmid });
  }),
  stage('powerdns', 'record_missing', async (scene) => {
    await registered(scene);
    const { id } = await scene.world.em().findOneOrFail(DnsZone, { name: NAME });
    const wish = { type: 'A', name: 'www', content: '127.64.9.9', ttl: 300, priority: null } as const;
    const { job } = await createRecord(scene.ctx('dns.write'), id, wish);
    await scene.done({ job: scene.input(job) });
    const lost = { zone: `${NAME}.`, name: `www.${NAME}.`, type: 'A' };
    await scene.world.running('powerdns').acts?.['delete-record']?.(lost);
  }),
  stage('registrar', 'domain_expiry', async (scene) => {
    await registered(scene);
    const expiresAt = new Date();
    expiresAt.setUTCFullYear(expiresAt.getUTCFullYear() + 3);
    await scene.world.running('registrar').acts?.['set-expiry']?.({ name: NAME, expiresAt });
  }),
  stage('stripe', 'refund_failed', async (scene) => {
    await scene.done(await refunded(scene));
    const { stripeId } = await scene.world.em().findOneOrFail(Refund, { status: 'succeeded' });
    await scene.world.running('stripe').acts?.['refund-fail']?.({ refund: stripeId });
  }),
];
