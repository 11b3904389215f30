import { expect } from '@jest/globals';
import { DnsZone } from '../../db/entities/index.ts';
import { recordsOf } from '../../db/queries/zone-records.ts';
import { newId } from '../../runtime/ids.ts';
import type { Stage } from '../laws/support/stages/index.ts';
import { registered } from '../laws/support/stages/names.ts';
import type { World } from '../laws/support/world.ts';
import { act, cut, FOR_LONG, faults, on, stageOf } from './support/trial.ts';

const apply = stageOf('dns_apply');
const pod = stageOf('cloudpod_provision', 'a virtual machine');
const domain = stageOf('domain_register');
const certificate = stageOf('certificate_issue', 'for a name alone');
const mail = stageOf('email_detach');
const PATCH = '^PATCH .*law\\.example';

const zones = (world: World) =>
  world.running('powerdns').state() as { name: string; rrsets: { name: string; type: string; records: object[] }[] }[];
const rrsets = (world: World) => zones(world).find(({ name }) => name === 'law.example.')?.rrsets ?? [];

/** Twenty rows that the name server has not heard of. */
const twenty: Stage = {
  saga: 'dns_apply',
  async arrange(scene) {
    const asked = await apply.arrange(scene);
    const { id: zoneId, tenantId } = await scene.world.em().findOneOrFail(DnsZone, { name: 'law.example' });
    for (let i = 1; i < 20; i++)
      await scene.world.rows(
        `insert into dns_record (id, tenant_id, zone_id, type, name, content, ttl, managed_by) values ('${newId()}', '${tenantId}', '${zoneId}', 'A', 'host${i}', '127.64.9.${i}', 300, null)`,
      );
    return asked;
  },
};

faults('powerdns', {
  'applied-500': {
    stage: apply,
    at: 'write zone',
    strike: on('powerdns', PATCH, 'applied-then-500'),
    end: 'delivered',
  },
  'not-applied-500': {
    stage: apply,
    at: 'write zone',
    strike: cut('powerdns', PATCH, 'before', 2, { kind: 'status', status: 500 }),
    end: 'delivered',
  },
  'parallel-patches': async (scene) => {
    const { world, hands } = scene;
    await registered(scene);
    const { id: targetId, tenantId } = await world.em().findOneOrFail(DnsZone, { name: 'law.example' });
    for (const name of ['a', 'b', 'c'])
      await world.rows(
        `insert into dns_record (id, tenant_id, zone_id, type, name, content, ttl, managed_by) values ('${newId()}', '${tenantId}', '${targetId}', 'A', '${name}', '127.64.9.9', 300, null)`,
      );
    on('powerdns', PATCH, 'parallel-patch-duplicates', { times: 10 })(world);
    const ref = { jobId: newId(), tenantId, targetId, customerId: null, orderId: null, type: 'dns_apply' as const };
    const apply = () => hands.activities.applyZone({ ...ref, step: 'write zone', phase: 'do' });
    await Promise.all([apply(), apply(), apply(), apply()]);
    expect(
      rrsets(world).flatMap((rrset) => (rrset.type === 'A' || rrset.type === 'SOA' ? [rrset.records.length] : [])),
    ).toEqual([1, 1, 1, 1]);
  },
  'one-rrset-refused': {
    stage: twenty,
    at: 'write zone',
    strike: on('powerdns', PATCH, 'one-rrset-refused', { data: { name: 'host7.law.example.' }, times: FOR_LONG }),
    end: 'blocked',
    reason: /host7\.law\.example/,
    // Looked at while it is still refused: all but one are there.
    mend: (world) => expect(rrsets(world).filter(({ type }) => type === 'A')).toHaveLength(19),
  },
  'other-form': {
    stage: apply,
    at: 'write zone',
    strike: on('powerdns', '^GET .*law\\.example', 'content-other-form', { times: FOR_LONG }),
    end: 'delivered',
  },
  'zone-gone': { stage: apply, at: 'write zone', strike: on('powerdns', PATCH, 'zone-vanishes'), end: 'delivered' },
  'zone-gone-publishing': {
    stage: pod,
    at: 'publish DNS',
    strike: (world) => act('powerdns', 'delete-zone', { zone: `${world.config.PLATFORM_DOMAIN}.` })(world),
    end: 'delivered',
  },
  'zone-gone-withdrawing': {
    stage: mail,
    at: 'withdraw DNS',
    strike: act('powerdns', 'delete-zone', { zone: 'law.example.' }),
    end: 'delivered',
    but: /powerdns (zone|record) law\.example|powerdns record .*law\.example/,
    also: async (world) => {
      const zone = await world.em().findOneOrFail(DnsZone, { name: 'law.example' });
      expect(await recordsOf(world.em(), zone.id)).toEqual([]);
    },
  },
  'zone-half-made': {
    stage: domain,
    at: 'create zone',
    strike: cut('powerdns', '^POST .*/zones$', 'after'),
    end: 'delivered',
  },
  'dns-down': {
    stage: apply,
    at: 'write zone',
    strike: cut('powerdns', '/api/', 'before', FOR_LONG),
    end: 'blocked',
    reason: /./,
  },
  servfail: {
    stage: certificate,
    at: 'authorize certificate',
    strike: on('powerdns', 'DNS TXT', 'servfail', { times: FOR_LONG }),
    end: 'blocked',
    reason: /./,
  },
  'no-answer': {
    stage: certificate,
    at: 'authorize certificate',
    strike: on('powerdns', 'DNS TXT', 'no-answer'),
    end: 'delivered',
  },
});
