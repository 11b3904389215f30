import type { Context } from './context.ts';
import { GRACE_MS, REDEMPTION_MS } from './policy.ts';
import type { DelegationSigner, Domain } from './records.ts';
import type { Registry } from './registry.ts';
import { refuse } from './result.ts';
import { branch, child, childText, type Element, leaf, NS, payload } from './xml.ts';

/** The extension element of this namespace that came with the command. */
export const extension = ({ extensions }: Context, ns: string) => extensions.find((one) => one.ns === ns);

const signers = (part: Element | undefined): DelegationSigner[] =>
  part?.children
    .filter((one) => one.name === 'dsData')
    .map((one) => ({
      keyTag: childText(one, 'keyTag')!,
      alg: childText(one, 'alg')!,
      digestType: childText(one, 'digestType')!,
      digest: childText(one, 'digest')!.toUpperCase(),
    })) ?? [];

const same = (a: DelegationSigner, b: DelegationSigner) => JSON.stringify(a) === JSON.stringify(b);

/** The DS records after a create or update with secDNS (RFC 5910 5.2). */
export function delegationSigners(context: Context, current: DelegationSigner[]): DelegationSigner[] {
  const asked = extension(context, NS.secDNS);
  if (!asked) return current;
  if (asked.name === 'create') return signers(asked);
  const rem = child(asked, 'rem');
  const removed = /^(1|true)$/.test(childText(rem, 'all') ?? '') ? current : signers(rem);
  const missing = removed.find((one) => !current.some((held) => same(held, one)));
  if (missing) refuse(2303, `DS record ${missing.keyTag}`);
  return [...current.filter((held) => !removed.some((one) => same(held, one))), ...signers(child(asked, 'add'))];
}

export function describeSigners({ ds }: Domain): string | undefined {
  if (ds.length === 0) return undefined;
  const rows = ds.map((one) =>
    branch('secDNS:dsData', [
      leaf('secDNS:keyTag', one.keyTag),
      leaf('secDNS:alg', one.alg),
      leaf('secDNS:digestType', one.digestType),
      leaf('secDNS:digest', one.digest),
    ]),
  );
  return payload('secDNS:infData', rows);
}

const PERIODS = {
  create: 'addPeriod',
  renew: 'renewPeriod',
  transfer: 'transferPeriod',
  'auto-renew': 'autoRenewPeriod',
} as const;

/** The grace periods a domain is in (RFC 3915 3.1), as its charges and its deletion tell. */
export function describeGrace(registry: Registry, domain: Domain): string | undefined {
  const statuses = domain.deletedAt ? [deleted(domain.deletedAt)] : periods(registry, domain.roid);
  if (statuses.length === 0) return undefined;
  return payload(
    'rgp:infData',
    statuses.map((s) => leaf('rgp:rgpStatus', '', { s })),
  );
}

const deleted = (at: string) => (Date.now() - Date.parse(at) < REDEMPTION_MS ? 'redemptionPeriod' : 'pendingDelete');

function periods(registry: Registry, roid: string): string[] {
  const running = registry.ledger.values().flatMap(({ kind, ...entry }) => {
    if (entry.roid !== roid || kind === 'refund' || kind === 'restore') return [];
    return Date.now() - Date.parse(entry.at) < GRACE_MS[kind] ? [PERIODS[kind]] : [];
  });
  return [...new Set(running)];
}

/** Takes a domain back out of redemption, for a fee (RFC 3915 4.2.5); the report that some registries want is not asked for. */
export function restore({ registry }: Context, domain: Domain): Domain {
  if (!domain.deletedAt || deleted(domain.deletedAt) !== 'redemptionPeriod')
    refuse(2304, 'the domain is not in redemption');
  registry.charge(domain.sponsor, 'restore', domain, 1);
  const { deletedAt: _, ...kept } = domain;
  return { ...kept, statuses: domain.statuses.filter((status) => status !== 'pendingDelete') };
}
