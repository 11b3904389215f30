import { JOB_ENDED } from '../../core/states.ts';
import type { Evidence, Fate, Outside, Told } from './evidence.ts';

/** Where evidence is read: a client of the API, the stand-ins' lists, the engine's list of open workflows. */
export interface Sources {
  get<T>(path: string): Promise<T>;
  /** All of a list of the API. */
  list<T>(path: string): Promise<T[]>;
  /** GET <control port>/<system>/state */
  state<T>(system: keyof Outside): Promise<T>;
  open(): Promise<string[]>;
}

const AT_ONCE = 8;
/** An event is dated before its transaction commits: a later look begins so long before the last one that was seen. */
const OVERLAP_MS = 60_000;

/** Reads everything again and again; what cannot change any more only once. */
export function gatherer(sources: Sources) {
  const ended = new Map<string, Told['jobs'][number]>();
  const orders = new Map<string, Told['orders'][number]>();
  const events = new Map<string, Told['audit'][number]>();

  async function job(row: Told['jobs'][number]): Promise<Told['jobs'][number]> {
    const known = ended.get(row.id);
    if (known) return known;
    const found = await sources.get<Told['jobs'][number]>(`/jobs/${row.id}`);
    if (JOB_ENDED.includes(found.status)) ended.set(row.id, found);
    return found;
  }

  /** No endpoint lists orders; each has a job. */
  async function order({ targetId, id }: Told['jobs'][number]): Promise<Told['orders'][number]> {
    const found = orders.get(targetId) ?? (await sources.get<Told['orders'][number]>(`/orders/${targetId}`));
    if (ended.has(id)) orders.set(targetId, found);
    return found;
  }

  /** The log grows at its end alone. */
  async function log(): Promise<Told['audit']> {
    const last = [...events.values()].at(-1);
    const since = new Date(last ? Date.parse(last.createdAt) - OVERLAP_MS : 0).toISOString();
    for (const event of await sources.list<Told['audit'][number]>(`/audit?since=${since}`)) events.set(event.id, event);
    return [...events.values()];
  }

  async function told(): Promise<Told> {
    const { list } = sources;
    const jobs = await inTurn(await list<Told['jobs'][number]>('/jobs'), job);
    return {
      jobs,
      orders: await inTurn(
        jobs.filter(({ type }) => type === 'order_fulfil'),
        order,
      ),
      invoices: await list('/invoices'),
      subscriptions: await list('/subscriptions'),
      pods: await list('/cloudpods'),
      domains: await list('/domains'),
      zones: await inTurn(await list<Told['zones'][number]>('/dns/zones'), async (zone) => ({
        ...zone,
        records: await list(`/dns/zones/${zone.id}/records`),
      })),
      mailDomains: await list('/email/domains'),
      mailboxes: await list('/email/mailboxes'),
      certificates: await list('/ssl/certificates'),
      customers: await list('/customers'),
      audit: await log(),
    };
  }

  return async (fates: ReadonlyMap<string, Fate> = new Map()): Promise<Evidence> => ({
    told: await told(),
    outside: {
      proxmox: await sources.state('proxmox'),
      powerdns: await sources.state('powerdns'),
      registrar: await sources.state('registrar'),
      acme: await sources.state('acme'),
      stripe: await sources.state('stripe'),
      mail: await sources.state('mail'),
    },
    open: await sources.open(),
    fates,
  });
}

/** Some at a time, answers in order. */
async function inTurn<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(all.length);
  let next = 0;
  const hand = async () => {
    for (let at = next++; at < all.length; at = next++) results[at] = await work(all[at]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, hand));
  return results;
}
