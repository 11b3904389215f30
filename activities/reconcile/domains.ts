import type { DriftKind } from '../../core/drift.ts';
import { Domain, Subscription } from '../../db/entities/index.ts';
import { all, first, set } from '../../db/queries/entity.ts';
import type { DomainView } from '../../providers/registrar/port.ts';
import type { Deps } from '../deps.ts';
import type { Comparer, Held, Suspect } from './comparer.ts';

/** Registries and rows keep more or less of a second. */
const SLACK_MS = 60_000;
const HELD = ['clientHold', 'serverHold', 'pendingDelete', 'redemptionPeriod'];

/** How a name differs at the registry. What another registrar has is not compared any further. */
export function domainDrift(
  row: Pick<Domain, 'nameservers' | 'expiresAt' | 'renewal'>,
  view: DomainView | undefined,
  clientId: string,
): DriftKind[] {
  if (!view) return ['domain_gone'];
  if (view.sponsor !== clientId) return ['domain_transferred'];
  const kinds: DriftKind[] = [];
  const list = (hosts: string[]) =>
    hosts
      .map((host) => host.toLowerCase().replace(/\.$/, ''))
      .sort()
      .join(' ');
  if (list(view.nameservers) !== list(row.nameservers)) kinds.push('domain_nameservers');
  if (view.statuses.some((status) => HELD.includes(status))) kinds.push('domain_held');
  const moved = Math.abs(view.expiresAt.getTime() - (row.expiresAt?.getTime() ?? 0)) > SLACK_MS;
  if (moved && !row.renewal) kinds.push('domain_expiry');
  return kinds;
}

const TEXT: Partial<Record<DriftKind, string>> = {
  domain_gone: 'is not registered any more',
  domain_transferred: 'is with another registrar',
  domain_nameservers: 'has other name servers at the registry than here',
  domain_held: 'is not in the zone of its registry, or about to be deleted there',
  domain_expiry: 'runs out on another day than our row says',
};

/** EPP tells of one name at a time: the names looked at longest ago are asked for. */
export function domainComparer(deps: Deps): Comparer {
  async function* suspects(progress: { compared: number }): AsyncGenerator<Suspect> {
    const orderBy = [{ comparedAt: 'asc nulls first' as const }, { id: 'asc' as const }];
    const rows = await all(deps.em(), Domain, { status: 'active' }, { orderBy, limit: deps.config.RECONCILE_READS });
    for (const row of rows) {
      const view = await deps.registrar.info(row.name);
      progress.compared++;
      for (const kind of domainDrift(row, view, deps.registrar.clientId))
        yield { kind, subject: row.name, resourceId: row.id };
      await set(deps.em(), Domain, { id: row.id }, { comparedAt: new Date() });
    }
  }

  async function again({ kind, subject, resourceId }: Suspect): Promise<Held | undefined> {
    const view = await deps.registrar.info(subject);
    const row = await first(deps.em(), Domain, { id: resourceId ?? '', status: 'active' });
    if (!row || !domainDrift(row, view, deps.registrar.clientId).includes(kind)) return undefined;
    const seen = view && {
      ...{ sponsor: view.sponsor, nameservers: view.nameservers, statuses: view.statuses },
      expiresAt: view.expiresAt.toISOString(),
    };
    return {
      ...{ kind, subject, resourceId: row.id, tenantId: row.tenantId, touching: [row.id] },
      text: `${subject} ${TEXT[kind]}`,
      evidence: {
        wanted: { nameservers: row.nameservers, expiresAt: row.expiresAt?.toISOString() ?? null },
        seen: seen ?? null,
      },
    };
  }

  return {
    system: 'registrar',
    suspects,
    again,
    repairs: {
      /** The registry's date is the true one; what pays for the name renews on it. */
      domain_expiry: async (_, { subject, resourceId }) => {
        const view = await deps.registrar.info(subject);
        if (!view) return;
        const { expiresAt } = view;
        await deps.em().transactional(async (tx) => {
          await set(tx, Domain, { id: resourceId ?? '' }, { expiresAt });
          await set(tx, Subscription, { resourceId: resourceId ?? '', status: 'active' }, { renewsAt: expiresAt });
        });
      },
    },
  };
}
