import { type DnsRecord, DnsZone } from '../../../db/entities/index.ts';
import { type PoolHolder, poolHolders } from '../../../db/queries/capacity.ts';
import type { SeenWeakness } from '../../../db/queries/weaknesses.ts';
import { recordsOf } from '../../../db/queries/zone-records.ts';
import type { Deps } from '../../deps.ts';
import { type Check, checkOf } from '../check.ts';
import { inParallel } from '../in-parallel.ts';
import { authoritative, existence } from '../name-server.ts';

const QUESTIONS = 4;

/** Names that lead to what is not theirs any more: whoever gets it next speaks in their name. */
export function dangling(deps: Pick<Deps, 'em' | 'config' | 'probe'>): Check {
  const ask = authoritative(deps);
  const exists = existence(deps);

  async function look(zone: DnsZone): Promise<SeenWeakness[]> {
    const rows = (await recordsOf(deps.em(), zone.id)).filter(({ type }) => ['CNAME', 'A', 'AAAA'].includes(type));
    const names = new Map(rows.map((row) => [`${absolute(row, zone)} ${row.type}`, row]));
    const found = await inParallel([...names.values()], QUESTIONS, (row) =>
      row.type === 'CNAME' ? alias(row, zone) : addresses(row, zone, rows),
    );
    return found.flat();
  }

  async function alias(row: DnsRecord, zone: DnsZone): Promise<SeenWeakness[]> {
    const name = absolute(row, zone);
    const [target] = await ask(name, 'CNAME');
    if (!target || (await exists(target)) !== false) return [];
    const text = `${name} is an alias of ${target}, and nothing is there.`;
    return [{ kind: 'dns_dangling_cname', key: name, severity: 'high', text, evidence: { name, target } }];
  }

  /** Addresses of our pools are judged, by who holds them now; those of others are not ours to know of. */
  async function addresses(row: DnsRecord, zone: DnsZone, rows: DnsRecord[]): Promise<SeenWeakness[]> {
    const name = absolute(row, zone);
    const holders = await poolHolders(deps.em(), await ask(name, row.type as 'A' | 'AAAA'));
    const strange = holders.filter((holder) => isStrange(holder, zone, rows));
    return strange.map(({ address, instanceId }) => ({
      kind: 'dns_released_address' as const,
      key: `${name}/${address}`,
      severity: instanceId ? ('critical' as const) : ('high' as const),
      text: `${name} leads to ${address}, which ${instanceId ? 'somebody else has now' : 'was given back'}.`,
      evidence: { name, type: row.type, address },
    }));
  }

  return checkOf(deps, {
    name: 'dangling',
    resourceType: 'dns_zone',
    entity: DnsZone,
    where: { status: 'active' },
    nameOf: ({ name }) => name,
    look,
  });
}

/** Guests of other tenants have their names in zones of the house: those are what the platform itself put there. */
function isStrange({ tenantId, instanceId, address }: PoolHolder, zone: DnsZone, rows: DnsRecord[]): boolean {
  if (instanceId === null) return true;
  const own = rows.some((row) => row.managedBy === `instance/${instanceId}` && row.content === address);
  return tenantId !== zone.tenantId && !own;
}

const absolute = ({ name }: DnsRecord, zone: DnsZone) => (name === '@' ? zone.name : `${name}.${zone.name}`);
