import { ProviderError, Refused } from '../../../core/errors.ts';
import type { Severity } from '../../../core/guardian.ts';
import { GuardianInstance, Instance } from '../../../db/entities/index.ts';
import { addressesOf } from '../../../db/queries/capacity.ts';
import { first } from '../../../db/queries/entity.ts';
import type { SeenWeakness } from '../../../db/queries/weaknesses.ts';
import type { Deps } from '../../deps.ts';
import { type Check, checkOf } from '../check.ts';
import { inParallel } from '../in-parallel.ts';

interface Target {
  address: string;
  port: number;
}

/** Connections at a time, to one guest. */
const PARALLEL = 8;

/** Who reaches one of these has the machine, or all data, without another word. */
const CRITICAL = new Set([23, 2375, 6379, 9200, 10250, 11211, 27017]);
/** Behind these only a password stands. */
const HIGH = new Set([21, 111, 135, 139, 389, 445, 873, 1433, 2049, 2376, 3306, 3389, 5432, 5672, 5900, 5984, 15672]);

/**
 * What is open at a tenant's own addresses and not in their firewall plan. The pool says which addresses a guest holds:
 * an address out of a record or a request might be anybody's, and to try its ports would be an attack in our name.
 */
export function ports(deps: Pick<Deps, 'em' | 'config' | 'probe'>): Check {
  async function look(guest: Instance): Promise<SeenWeakness[]> {
    const plan = await first(deps.em(), GuardianInstance, { tenantId: guest.tenantId });
    const allowed = new Set([...(plan?.allowedPorts ?? []), deps.config.TLS_PORT]);
    const addresses = (await addressesOf(deps.em(), guest.id)).map(({ address }) => address);
    if (addresses.length === 0) throw new Refused('it holds no address');
    const tries = deps.config.GUARDIAN_PORTS.filter((port) => !allowed.has(port)).flatMap((port) =>
      addresses.map((address) => ({ address, port })),
    );
    const open = (await inParallel(tries, PARALLEL, attempt)).flat();
    return [...Map.groupBy(open, ({ port }) => port)].map(([port, at]) => ({
      kind: 'port_open' as const,
      key: String(port),
      severity: severityOf(port),
      text: `${guest.hostname} answers on port ${port}, which is not in the firewall plan.`,
      evidence: { port, addresses: at.map(({ address }) => address), allowed: [...allowed] },
    }));
  }

  async function attempt(target: Target): Promise<Target[]> {
    try {
      return (await deps.probe.connects(target)) ? [target] : [];
    } catch (error) {
      if (isWithoutIpv6(error, target)) return [];
      throw error;
    }
  }

  return checkOf(deps, {
    name: 'ports',
    resourceType: 'cloudpod',
    entity: Instance,
    where: { status: 'active' },
    nameOf: ({ hostname }) => hostname,
    look,
  });
}

/** Workers that have no IPv6 cannot judge it; they can judge the rest. */
const isWithoutIpv6 = (error: unknown, { address }: Target) =>
  address.includes(':') && error instanceof ProviderError && error.code === 'ENETUNREACH';

function severityOf(port: number): Severity {
  if (CRITICAL.has(port)) return 'critical';
  return HIGH.has(port) ? 'high' : 'medium';
}
