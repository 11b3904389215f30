import { planFor, type WeaknessKind } from '../../../../core/guardian.ts';
import {
  ApiKey,
  GuardianFinding,
  GuardianInstance,
  GuardianRemediation,
  Instance,
  Job,
  User,
} from '../../../../db/entities/index.ts';
import { beginScan } from '../../../../db/queries/guardian.ts';
import { startJob } from '../../../../db/queries/jobs.ts';
import { newId } from '../../../../runtime/ids.ts';
import type { Asked, Scene } from '../scene.ts';
import type { Stage } from './index.ts';
import { registered } from './names.ts';

/** A scan of the house's tenant, which has a Guardian from now on. */
export async function scanned({ world, input }: Scene): Promise<Asked> {
  const { tenantId } = world;
  const em = world.em();
  if (!(await em.count(GuardianInstance, { tenantId })))
    await em.insert(GuardianInstance, { id: newId(), tenantId, allowedPorts: [22, 80, 443] });
  const begun = await em.transactional((tx) => beginScan(tx, { tenantId, requestedBy: null }));
  if (!begun) throw new Error('another scan is under way');
  return { job: input(begun.job) };
}

/** What a scan has found of a kind, approved by two people. */
export async function approved({ world, input }: Scene, where: { kind: WeaknessKind; key?: string }): Promise<Asked> {
  const { tenantId } = world;
  const em = world.em();
  const found = await em.find(GuardianFinding, { kind: where.kind, state: 'open' });
  const finding = found.find(({ fingerprint }) => fingerprint.endsWith(where.key ?? ''));
  const plan = finding && planFor(finding, newId());
  if (!finding || !plan) throw new Error(`no ${where.kind} was found`);
  const [id, by] = [newId(), [newId(), newId()]];
  const { job } = startJob(em, { type: 'guardian_remediate', tenantId, targetId: id });
  const approvals = { requestedBy: by[0]!, tenantApprovedBy: by[0]!, platformApprovedBy: by[1]! };
  em.persist(
    em.create(GuardianRemediation, {
      ...{ id, tenantId, findingId: finding.id, plan, status: 'approved', jobId: job.id, ...approvals },
      ...{ tenantApprovedAt: new Date(), platformApprovedAt: new Date(), createdAt: new Date() },
    }),
  );
  await em.flush();
  return { job: input(await em.findOneOrFail(Job, { id: job.id })) };
}

/** One whose record the name server does not take: what was written of it stands in our rows until its job is closed. */
async function untaken(scene: Scene): Promise<Asked> {
  const { world, hands } = scene;
  const asked = await approved(scene, SPF);
  const action = { kind: 'status' as const, status: 422, body: { error: 'refused by the law' } };
  world.self('powerdns').faults.add({ match: '^PATCH ', phase: 'before', action, times: null });
  const taken = await hands.activities.applyRemedy({ ...asked.job, step: 'apply', phase: 'do' }).then(
    () => true,
    () => false,
  );
  world.mend();
  if (taken) throw new Error('the name server took the record');
  return asked;
}

const SPF = { kind: 'dns_no_spf', key: 'law.example' } as const;
const PORT = 6379;

async function openPort(scene: Scene): Promise<void> {
  const id = await scene.done(await scene.buy('CPOD-MINI', { name: 'law' }));
  const { vmid } = await scene.world.em().findOneOrFail(Instance, { id });
  await scene.world.running('proxmox').acts?.['open-port']?.({ vmid, port: PORT });
}

/** One that nobody has used since it was made, long ago. */
async function staleKey({ world }: Scene): Promise<void> {
  const em = world.em();
  const { tenantId } = world;
  const { id: userId } = await em.findOneOrFail(User, { tenantId });
  const fields = { name: 'stale', prefix: 'mpk_stale', hash: newId(), scopes: ['*'], createdAt: new Date(0) };
  await em.insert(ApiKey, { id: newId(), tenantId, userId, ...fields });
}

/** What is left of the saga where an operator skips the steps before it. */
const close = { name: 'close remediation', do: 'closeRemediation' } as const;

export const guardian: readonly Stage[] = [
  {
    saga: 'guardian_scan',
    async arrange(scene) {
      await registered(scene);
      await openPort(scene);
      return () => scanned(scene);
    },
  },
  {
    saga: 'guardian_remediate',
    about: 'closing a port',
    async arrange(scene) {
      await openPort(scene);
      await scene.done(await scanned(scene));
      return () => approved(scene, { kind: 'port_open' });
    },
  },
  {
    saga: 'guardian_remediate',
    about: 'adding a record',
    async arrange(scene) {
      await registered(scene);
      await scene.done(await scanned(scene));
      return () => approved(scene, SPF);
    },
  },
  {
    saga: 'guardian_remediate',
    about: 'revoking a key',
    async arrange(scene) {
      await staleKey(scene);
      await scene.done(await scanned(scene));
      return () => approved(scene, { kind: 'api_key_unused' });
    },
  },
  {
    saga: 'guardian_remediate',
    about: 'adding a record, given up by an operator',
    acts: [close],
    async arrange(scene) {
      await registered(scene);
      await scene.done(await scanned(scene));
      const asked = await untaken(scene);
      return async () => asked;
    },
  },
  {
    saga: 'guardian_remediate',
    about: 'revoking a key, not looked at again',
    acts: [{ name: 'apply', do: 'applyRemedy' }, close],
    async arrange(scene) {
      await staleKey(scene);
      await scene.done(await scanned(scene));
      return () => approved(scene, { kind: 'api_key_unused' });
    },
  },
];
