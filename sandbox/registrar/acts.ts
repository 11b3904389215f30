import { finishPending } from './pending.ts';
import { isHostName, tldOf } from './policy.ts';
import type { Domain } from './records.ts';
import { type Registry, RIVAL } from './registry.ts';
import { plant, transferAway } from './world.ts';

type Body = Record<string, unknown>;

/** What happens behind mpanel's back. Each takes the domain's `name` and answers the domain as it is then. */
export function acts(registry: Registry): Record<string, (body: Body) => unknown> {
  return {
    /** { name, sponsor?, expiresAt?, createdAt?, registrant?, nameservers?, statuses?, authInfo? }: a domain of somebody, by default another registrar. */
    'plant-domain': (body) => registry.atomically(() => plant(registry, planted(registry, body))),
    /** { name, expiresAt }: a date that has passed makes the registry renew by itself. */
    'set-expiry': (body) =>
      change(registry, body, (domain) =>
        registry.save({ ...domain, expiresAt: new Date(String(body.expiresAt)).toISOString() }),
      ),
    /** { name, to? } */
    'transfer-away': (body) =>
      change(registry, body, (domain) => transferAway(registry, domain, String(body.to ?? RIVAL.id))),
    /** { name, ok? }: the end of a pending create, by default a good one. */
    'finish-pending': (body) => change(registry, body, (domain) => finishPending(registry, domain, body.ok !== false)),
    /** { name, nameservers } */
    'set-nameservers': (body) =>
      change(registry, body, (domain) =>
        registry.save({ ...domain, nameservers: (body.nameservers as string[]).map(String) }),
      ),
    /** { name }: sold only at a price agreed on beforehand. */
    'set-premium': (body) => registry.premium.set(String(body.name), String(body.name)),
    /** { cents, account? } */
    'set-balance': (body) => {
      const account = registry.accounts.get(String(body.account ?? 'MPANEL'));
      return account
        ? registry.accounts.set(account.id, { ...account, balance: Number(body.cents) })
        : missing('account');
    },
  };
}

function change(registry: Registry, body: Body, how: (domain: Domain) => unknown): unknown {
  return registry.atomically(() => {
    how(registry.domain(String(body.name)) ?? missing(`domain ${String(body.name)}`));
    return registry.domain(String(body.name)) ?? null;
  });
}

function planted(registry: Registry, body: Body): Partial<Domain> & { name: string } {
  const given = body as Partial<Domain>;
  if (!given.name || !isHostName(given.name) || !tldOf(given.name)) return missing('name of this registry');
  if (!registry.accounts.has(given.sponsor ?? RIVAL.id)) return missing(`account ${given.sponsor}`);
  return { ...given, name: given.name };
}

function missing(what: string): never {
  throw new Error(`no such ${what}`);
}
