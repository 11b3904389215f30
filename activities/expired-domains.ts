import type { Domain as Row } from '../db/entities/index.ts';
import { Domain } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { set } from '../db/queries/entity.ts';
import { recordSystemEvent } from '../db/queries/system-events.ts';
import type { DomainView } from '../providers/registrar/port.ts';
import type { Deps } from './deps.ts';

/** RFC 5731 and RFC 3915: no longer in its zone, and free again when this is over. */
const GOING = ['pendingDelete', 'redemptionPeriod', 'pendingRestore'];

/**
 * What a registry says of a name that is past our date. Registries differ: some renew by themselves (autoRenewPeriod) and
 * move the date, some let it run out, then hold it for its owner (redemption), then delete it; then it is anybody's.
 */
export function stateOf(view: DomainView | undefined, clientId: string, now: Date): 'active' | 'expired' | 'deleted' {
  if (!view || view.sponsor !== clientId) return 'deleted';
  return view.expiresAt <= now || view.statuses.some((status) => GOING.includes(status)) ? 'expired' : 'active';
}

/** Writes down what has become of a name; operators are told of one that is lost. */
export async function lookAtDomain(deps: Deps, domain: Row): Promise<void> {
  const { id, name, tenantId, status: before } = domain;
  const now = new Date();
  const view = await deps.registrar.info(name);
  const status = stateOf(view, deps.registrar.clientId, now);
  await deps.em().transactional(async (tx) => {
    await set(tx, Domain, { id }, { comparedAt: now });
    if (status === before || !(await set(tx, Domain, { id, status: before }, { status }))) return;
    const why = view ? view.statuses.join(', ') : 'unknown to its registry';
    audit(tx, {
      tenantId,
      action: `domain.${WORD[status]}`,
      resourceType: 'domain',
      resourceId: id,
      metadata: { why },
    });
    if (status !== 'active')
      await recordSystemEvent(tx, {
        ...{ type: `domain.${WORD[status]}`, level: 'warning', tenantId, key: `${id}/${WORD[status]}` },
        message: `${name} ${status === 'deleted' ? 'is not ours any more' : 'has expired'}: ${why}`,
      });
  });
}

const WORD = { active: 'revived', expired: 'expired', deleted: 'lost' } as const;
