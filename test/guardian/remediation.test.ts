import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WeaknessKind } from '../../core/guardian.ts';
import { DnsRecord, DnsZone, GuardianRemediation, type Instance, Job } from '../../db/entities/index.ts';
import { jobInput } from '../../db/queries/jobs.ts';
import type { Asked } from '../laws/support/scene.ts';
import { approved } from '../laws/support/stages/guardian.ts';
import { openWatch, type Watch } from './support/watch.ts';

const NAME = 'mended.example';
// Guests of all files that run at a time have the same addresses: each file opens ports of its own.
let watch: Watch;
let pod: Instance;
beforeAll(async () => {
  watch = await openWatch();
  pod = await watch.pod('web');
  await watch.scene.done(await watch.scene.buy('DOMAIN', { domain: NAME }));
}, 120_000);
afterAll(() => watch.close());

const remedy = (kind: WeaknessKind, key?: string) => approved(watch.scene, { kind, ...(key ? { key } : {}) });
const read = ({ job }: Asked) => watch.world.em().findOneOrFail(GuardianRemediation, { id: job.targetId });
const state = async (asked: Asked) => {
  const { findingId, status } = await read(asked);
  return [status, (await watch.finding(findingId)).state];
};
const ref = ({ job }: Asked, step: string) => ({ ...job, step, phase: 'do' as const });

describe('close_port', () => {
  test('drops what comes in, sees from outside that it is closed, and adds no second rule', async () => {
    await watch.act('proxmox', 'open-port', { vmid: pod.vmid, port: 1433 });
    await watch.scan();
    const asked = await remedy('port_open', '1433');
    await watch.scene.done(asked);
    expect(await state(asked)).toEqual(['verified', 'resolved']);
    const { proxmox } = watch.hands.deps;
    const guest = { node: pod.node ?? '', vmid: pod.vmid ?? 0, kind: pod.kind };
    await proxmox.closePort(guest, 1433, { mark: pod.id, note: 'again' });
    const rules = await rulesOf(String(pod.vmid));
    expect(rules).toMatchObject([{ action: 'DROP', proto: 'tcp', dport: '1433', enable: '1' }]);
    await expect(proxmox.closePort(guest, 25, { mark: randomUUID(), note: 'foreign' })).rejects.toMatchObject({
      kind: 'conflict',
    });
  });

  test('fails with the reason where the guest is not there any more', async () => {
    await watch.act('proxmox', 'open-port', { vmid: pod.vmid, port: 27017 });
    await watch.scan();
    const asked = await remedy('port_open', '27017');
    await watch.world.rows(`update instance set status = 'suspended' where id = '${pod.id}'`);
    await watch.scene.done(asked);
    expect(await read(asked)).toMatchObject({ status: 'failed', detail: 'the guest is not there any more' });
    await watch.world.rows(`update instance set status = 'active' where id = '${pod.id}'`);
  });
});

async function rulesOf(vmid: string): Promise<object[]> {
  const { guests } = watch.world.running('proxmox').state() as {
    guests: { vmid: string; firewall: { rules: object[] } }[];
  };
  return guests.find((guest) => guest.vmid === vmid)?.firewall.rules ?? [];
}

describe('add_record', () => {
  test('writes what was approved as the customer’s own record, and sees it served', async () => {
    await watch.scan();
    const zone = await watch.world.em().findOneOrFail(DnsZone, { name: NAME });
    const asked = await remedy('dns_no_spf', NAME);
    await watch.scene.done(asked);
    expect(await state(asked)).toEqual(['verified', 'resolved']);
    const [row] = await watch.world.em().find(DnsRecord, { zoneId: zone.id, type: 'TXT', name: '@' });
    expect(row).toMatchObject({ content: 'v=spf1 -all', managedBy: null });
  });

  test('is shown as waiting while it is not served, and fails when that lasts', async () => {
    const asked = await remedy('dns_no_dmarc', `_dmarc.${NAME}`);
    const { activities } = watch.hands;
    await activities.applyRemedy(ref(asked, 'apply'));
    await watch.act('powerdns', 'delete-record', { zone: `${NAME}.`, name: `_dmarc.${NAME}.`, type: 'TXT' });
    await expect(activities.verifyRemedy(ref(asked, 'verify'))).rejects.toThrow('it is seen still');
    await watch.world.rows(`update guardian_remediation set applied_at = now() - interval '1 day'`);
    await activities.verifyRemedy(ref(asked, 'verify'));
    expect(await state(asked)).toEqual(['failed', 'open']);
  });
});

describe('renew_certificate', () => {
  test('has the certificate renewed and deployed by its own job, and sees the new one served', async () => {
    await watch.act('proxmox', 'break-edge', { vmid: pod.vmid });
    await watch.scan();
    const asked = await remedy('certificate_untrusted');
    const { activities } = watch.hands;
    for (const _ of [1, 2]) await activities.applyRemedy(ref(asked, 'apply'));
    await expect(activities.verifyRemedy(ref(asked, 'verify'))).rejects.toThrow('it is seen still');
    const renewals = await watch.world.em().find(Job, { parentJobId: asked.job.jobId });
    expect(renewals.map(({ type }) => type)).toEqual(['certificate_renew']);
    await watch.scene.done({ job: jobInput(renewals[0]!) });
    await activities.verifyRemedy(ref(asked, 'verify'));
    expect(await state(asked)).toEqual(['verified', 'resolved']);
  });
});

test('what nobody approved is not done', async () => {
  await watch.act('proxmox', 'open-port', { vmid: pod.vmid, port: 5900 });
  await watch.scan();
  const asked = await remedy('port_open', '5900');
  await watch.world.rows(`update guardian_remediation set status = 'requested' where id = '${asked.job.targetId}'`);
  const before = await rulesOf(String(pod.vmid));
  await watch.scene.done(asked);
  expect([await rulesOf(String(pod.vmid)), (await read(asked)).status]).toEqual([before, 'requested']);
});
