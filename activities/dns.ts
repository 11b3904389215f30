import { Refused } from '../core/errors.ts';
import { reverseName } from '../core/reverse-name.ts';
import { DnsZone, Instance } from '../db/entities/index.ts';
import { addressesOf } from '../db/queries/capacity.ts';
import { get } from '../db/queries/entity.ts';
import { relativeName, zoneOf } from '../db/queries/zone-records.ts';
import type { StepActivities } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';
import { zoneWriter } from './zone-writer.ts';

const TTL = 300;

export function dnsActivities(deps: Deps) {
  const zones = zoneWriter(deps);

  /** A and AAAA of the host name, and PTR of each address whose reverse zone is ours. */
  async function publish(instance: Instance): Promise<void> {
    const em = deps.em();
    const own = (await addressesOf(em, instance.id)).filter((row) => row.orderItemId === null);
    const zone = await zoneOf(em, instance.hostname);
    if (!zone) throw new Refused(`${instance.hostname} lies in no zone that is served here`);
    const name = relativeName(instance.hostname, zone.name);
    const records = own.map((row) => ({ type: row.family === 4 ? 'A' : 'AAAA', name, content: row.address, ttl: TTL }));
    await zones.want(zone, managedBy(instance.id), records);
    for (const row of own) {
      const pointer = reverseName(row.address);
      const reverse = await zoneOf(em, pointer);
      if (!reverse) continue;
      const ptr = { type: 'PTR', name: relativeName(pointer, reverse.name), content: instance.hostname, ttl: TTL };
      await zones.want(reverse, managedBy(instance.id), [ptr]);
    }
  }

  return {
    async publishInstance(ref) {
      await publish(await get(deps.em(), Instance, ref.targetId));
    },
    async withdrawInstance(ref) {
      await zones.withdraw(managedBy(ref.targetId));
    },
    async applyZone(ref) {
      await zones.converge(await get(deps.em(), DnsZone, ref.targetId));
    },
  } satisfies Partial<StepActivities>;
}

const managedBy = (instanceId: string) => `instance/${instanceId}`;
