import { UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { NotNow, ProviderError, Refused } from '../core/errors.ts';
import { DnsZone, Domain } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { first, get, set } from '../db/queries/entity.ts';
import { openSecret } from '../db/queries/secrets.ts';
import { recordSystemEvent } from '../db/queries/system-events.ts';
import type { Contact, DomainView } from '../providers/registrar/port.ts';
import { newId } from '../runtime/ids.ts';
import type { AskActivities, StepActivities } from '../workflows/contract.ts';
import { deliverItem } from './delivery.ts';
import type { Deps } from './deps.ts';

/** Clocks differ: what the registry dates this much before our first try is still ours. */
const CLOCK_SLACK_MS = 10 * 60_000;
const PENDING_WAIT_MS = 60_000;
const MESSAGES_AT_ONCE = 100;

export function domainActivities(deps: Deps) {
  /** What the registry has under the name, if it is the one that we registered. */
  async function ours(domain: Domain): Promise<DomainView | undefined> {
    const view = await deps.registrar.info(domain.name);
    if (!view) return undefined;
    const since = (domain.requestedAt ?? domain.createdAt).getTime() - CLOCK_SLACK_MS;
    const same =
      view.sponsor === deps.registrar.clientId &&
      view.registrant === domain.registrant &&
      view.createdAt.getTime() >= since;
    if (!same) throw new Refused(`${domain.name} is registered to somebody else`);
    return view;
  }

  /** What is decided is read from the domain itself; the messages that tell of it are shown and taken off the queue. */
  async function stillPending(view: DomainView, domain: Domain): Promise<void> {
    if (!view.statuses.includes('pendingCreate')) return;
    await set(deps.em(), Domain, { id: domain.id, pendingAt: null }, { pendingAt: new Date() });
    throw new NotNow(`the registry is still working on ${domain.name}`, PENDING_WAIT_MS * deps.config.RETRY_SCALE);
  }

  /** Each is shown before it is acknowledged, so that one that comes again is the same. */
  async function readMessages(): Promise<void> {
    for (let left = MESSAGES_AT_ONCE; left > 0; left--) {
      const message = await deps.registrar.poll();
      if (!message) return;
      const { id: key, text, at } = message;
      const data = { at: at.toISOString(), name: message.pending?.name ?? null };
      await recordSystemEvent(deps.em(), { type: 'registrar.message', level: 'info', key, message: text, data });
      await deps.registrar.acknowledge(key);
    }
  }

  async function create(domain: Domain): Promise<void> {
    const authInfo = await openSecret(deps.em(), deps.seal, domain.authInfoSecretId);
    const { name, years, registrant, nameservers } = domain;
    await deps.registrar.ensureHosts(nameservers.map((host) => ({ name: host, addresses: [] })));
    try {
      await deps.registrar.createDomain({ name, years, registrant, nameservers, authInfo });
    } catch (error) {
      if (!(error instanceof ProviderError && error.kind === 'conflict')) throw error;
    }
  }

  async function zoneRow(domain: Domain): Promise<string> {
    const there = await first(deps.em(), DnsZone, { domainId: domain.id });
    if (there) return there.id;
    const { tenantId, customerId, name } = domain;
    const id = newId();
    try {
      await deps.em().insert(DnsZone, { id, tenantId, customerId, name, domainId: domain.id });
      return id;
    } catch (error) {
      if (error instanceof UniqueConstraintViolationException)
        throw new Refused(`a zone ${name} is served here already`);
      throw error;
    }
  }

  return {
    /** From here on the name is ours alone to try. */
    async claimDomain(ref) {
      const domain = await get(deps.em(), Domain, ref.targetId);
      try {
        await set(deps.em(), Domain, { id: domain.id, status: 'pending' }, { status: 'registering' });
      } catch (error) {
        if (error instanceof UniqueConstraintViolationException) throw new Refused(`${domain.name} is taken`);
        throw error;
      }
      if (domain.requestedAt) return;
      const [answer] = await deps.registrar.check([domain.name]);
      if (answer?.available) return;
      // Rows from a backup may not know that we registered it for this very order.
      const there = await ours(domain).catch(notOurs);
      if (!there) throw new Refused(`${domain.name} is taken${answer?.reason ? `: ${answer.reason}` : ''}`);
      await set(deps.em(), Domain, { id: domain.id, requestedAt: null }, { requestedAt: there.createdAt });
    },
    /** An active one as well: that it was activated may be all that nobody was told. */
    async failDomain(ref) {
      await set(
        deps.em(),
        Domain,
        { id: ref.targetId, status: { $in: ['pending', 'registering', 'active'] } },
        { status: 'failed' },
      );
    },

    async createContact(ref) {
      const domain = await get(deps.em(), Domain, ref.targetId);
      await deps.registrar.ensureContact(domain.registrant, domain.contact as unknown as Contact);
    },
    async deleteContact(ref) {
      await deps.registrar.deleteContact((await get(deps.em(), Domain, ref.targetId)).registrant);
    },

    /** Looks before and after: what a lost answer left behind is found by its sponsor, registrant and date. */
    async registerDomain(ref) {
      const domain = await get(deps.em(), Domain, ref.targetId);
      await set(deps.em(), Domain, { id: domain.id, requestedAt: null }, { requestedAt: new Date() });
      if (domain.pendingAt) await readMessages();
      const there = await ours(domain);
      if (!there && domain.pendingAt) throw new Refused(`the registry declined ${domain.name}`);
      if (!there) await create(domain);
      const view = await ours(await get(deps.em(), Domain, domain.id));
      if (!view)
        throw new ProviderError({
          provider: 'registrar',
          operation: 'create',
          kind: 'unknown',
          detail: `${domain.name} is not there yet`,
        });
      await stillPending(view, domain);
    },
    /** Within the registry's add grace this refunds it; afterwards a registered name is never given up here. */
    async unregisterDomain(ref) {
      const domain = await get(deps.em(), Domain, ref.targetId);
      if (!domain.requestedAt) return;
      const view = await ours(domain).catch(notOurs);
      if (view) await deps.registrar.deleteDomain(domain.name);
    },

    async activateDomain(ref) {
      const domain = await get(deps.em(), Domain, ref.targetId);
      const view = await deps.registrar.info(domain.name);
      if (!view)
        throw new ProviderError({
          provider: 'registrar',
          operation: 'info',
          kind: 'unknown',
          detail: `${domain.name} is not there`,
        });
      await deps.em().transactional(async (tx) => {
        const moved = await set(
          tx,
          Domain,
          { id: domain.id, status: 'registering' },
          { status: 'active', registeredAt: view.createdAt },
        );
        await set(tx, Domain, { id: domain.id }, { expiresAt: view.expiresAt, nameservers: view.nameservers });
        if (moved)
          audit(tx, {
            tenantId: domain.tenantId,
            action: 'domain.registered',
            resourceType: 'domain',
            resourceId: domain.id,
          });
        await deliverItem(tx, domain.orderItemId, domain.id, view.expiresAt);
      });
    },

    async createZone(ref) {
      const domain = await get(deps.em(), Domain, ref.targetId);
      const zoneId = await zoneRow(domain);
      await deps.powerdns.ensureZone(domain.name, domain.nameservers);
      await set(deps.em(), DnsZone, { id: zoneId, status: 'pending' }, { status: 'active' });
    },
    async deleteZone(ref) {
      const domain = await get(deps.em(), Domain, ref.targetId);
      const zone = await first(deps.em(), DnsZone, { domainId: domain.id });
      if (!zone || zone.status === 'deleted') return;
      await deps.powerdns.deleteZone(domain.name);
      await set(deps.em(), DnsZone, { id: zone.id }, { status: 'deleted' });
    },

    async askDomain({ name }) {
      const [answer] = await deps.registrar.check([name]);
      return { available: answer?.available ?? false, reason: answer?.reason ?? null };
    },
  } satisfies Partial<StepActivities & AskActivities>;
}

function notOurs(error: unknown): undefined {
  if (error instanceof Refused) return undefined;
  throw error;
}
