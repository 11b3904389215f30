import { domainToASCII } from 'node:url';
import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError, invalid } from '../../../core/app-error.ts';
import type { Customer, DnsZone } from '../../../db/entities/index.ts';
import { relativeName, zoneOf } from '../../../db/queries/zone-records.ts';
import { isNameUsed } from '../../../db/queries/zones.ts';
import type { Config } from '../../../runtime/config.ts';
import type { Seal } from '../../../runtime/seal.ts';
import type { JobType } from '../../../workflows/catalog.ts';

/** Where a resource is made: for whom, in which transaction, and beside what. */
export interface Site {
  em: EntityManager;
  config: Config;
  seal: Seal;
  customer: Customer;
  /** Domains that the same order registers, each with its item. */
  registering: ReadonlyMap<string, { itemId: string; domainId: string }>;
  /** Leads to the resource's settings in the request, for refusals. */
  path: (string | number)[];
  /** Whether staff ask: only they use the zones of the house. */
  staff: boolean;
  /** The order item that buys it, and its subscription; null where staff make it. */
  orderItemId: string | null;
  subscriptionId: string | null;
}

/** A resource whose rows are written and whose job has yet to make it true. */
export interface Added {
  resourceId: string;
  jobType: JobType;
  /** What it is, as an invoice names it after the product. */
  about: string;
  /** Order items that must be delivered first. */
  dependsOn: string[];
  /** What was asked, with what was decided, without passwords. */
  config: Record<string, unknown>;
}

/** Where a name may be put: into a zone of the customer's, or for a host also of the platform. */
export type Place = { zone: DnsZone } | { itemId: string; domainId: string };

export async function placeFor(site: Site, name: string, options: { host: boolean }): Promise<Place> {
  for (const [domain, item] of site.registering) if (name === domain || name.endsWith(`.${domain}`)) return item;
  const zone = await zoneOf(site.em, name);
  const ours = zone && (isOwn(site, zone) || (options.host && zone.name === site.config.PLATFORM_DOMAIN));
  if (!zone || !ours) throw invalid(site.path, `${name} lies in no zone of this customer; order its domain with it`);
  if (options.host && (await isNameUsed(site.em, zone.id, relativeName(name, zone.name))))
    throw new AppError('HOSTNAME_TAKEN', `${name} is in use.`);
  return { zone };
}

export const dependencies = (place: Place): string[] => ('itemId' in place ? [place.itemId] : []);

function isOwn({ customer, staff }: Site, zone: DnsZone): boolean {
  return zone.customerId ? zone.customerId === customer.id : staff && zone.tenantId === customer.tenantId;
}

/** A domain as the DNS writes it: A-labels, lower case, no final dot. Throws 422. */
export function asciiDomain(name: string, path: (string | number)[]): string {
  const ascii = domainToASCII(name.replace(/\.$/, '')).toLowerCase();
  const labels = ascii.split('.');
  const fits = labels.length > 1 && ascii.length <= 253 && labels.every((label) => LABEL.test(label));
  if (!fits || /^[\d.]+$/.test(ascii)) throw invalid(path, 'a domain name like example.com');
  return ascii;
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
