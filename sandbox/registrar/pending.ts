import type { Domain } from './records.ts';
import { now, type Registry } from './registry.ts';
import { branch, leaf, payload } from './xml.ts';

/** Ends a pending create: the domain is there or is not, its sponsor told by poll message (RFC 5731 3.3), twice where that was asked. */
export function finishPending(registry: Registry, domain: Domain, ok: boolean): void {
  const { pending, ...kept } = domain;
  if (!pending) return;
  if (ok) registry.save({ ...kept, statuses: domain.statuses.filter((status) => status !== 'pendingCreate') });
  else {
    registry.refund(domain);
    registry.remove(domain.name);
  }
  const notice = payload('domain:panData', [
    leaf('domain:name', domain.name, { paResult: ok ? 1 : 0 }),
    branch('domain:paTRID', [
      pending.transaction.client === undefined ? undefined : leaf('clTRID', pending.transaction.client),
      leaf('svTRID', pending.transaction.server),
    ]),
    leaf('domain:paDate', now()),
  ]);
  const text = `Pending create of ${domain.name} ${ok ? 'completed' : 'failed'}`;
  for (let i = 0; i < (pending.twice ? 2 : 1); i++) registry.enqueue(domain.sponsor, text, notice);
}

/** Decides pending creates when they are due, also those that were pending before a restart. */
export class Decisions {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
    for (const domain of registry.domains()) this.await(domain.name);
  }

  await(name: string): void {
    const due = this.#registry.domain(name)?.pending?.dueAt;
    if (due === undefined) return;
    const timer = setTimeout(() => this.#decide(name, timer), Math.max(0, Date.parse(due) - Date.now()));
    this.#timers.add(timer);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #decide(name: string, timer: NodeJS.Timeout): void {
    this.#timers.delete(timer);
    const domain = this.#registry.domain(name);
    if (domain?.pending) this.#registry.atomically(() => finishPending(this.#registry, domain, domain.pending!.ok));
  }
}
