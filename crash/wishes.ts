import type { ProductType } from '../core/states.ts';

/** An item of POST /orders, by SKU. */
export interface Wish {
  sku: string;
  billingCycle: 'monthly' | 'yearly';
  config: Record<string, unknown>;
  addons?: string[];
}

/** What goes wrong for good with an order, and so which of its items must be undone; everything else of it is delivered. */
export interface Flaw {
  kind: 'name taken' | 'name servers unknown' | 'template gone';
  undone: readonly ProductType[];
}

/** A sort of order; `share` says how often. */
export interface Sort {
  name: string;
  share: number;
  wishes(domain: string): Wish[];
  flaw?: Flaw;
}

const pod = (config: Wish['config'] = {}, addons: string[] = [], sku = 'CPOD-MINI'): Wish => ({
  sku,
  billingCycle: 'monthly',
  config,
  addons,
});
const container = () => pod({}, [], 'CPOD-CT');
const name = (domain: string, config: Wish['config'] = {}): Wish => ({
  sku: 'DOMAIN',
  billingCycle: 'yearly',
  config: { domain, ...config },
});
const mail = (domain: string): Wish => ({
  sku: 'MAIL-START',
  billingCycle: 'monthly',
  config: { domain, localPart: 'info', password: 'Mailbox-pass-1' },
});

/** No registry has them. */
const NAMESERVERS = ['ns1.nobody-has.test', 'ns2.nobody-has.test'];
/** An image of the demo whose template the campaign takes away at its start. */
const GONE = 'ubuntu-24.04';

/** All sorts of orders of a campaign. */
export const SORTS: readonly Sort[] = [
  { name: 'VM', share: 5, wishes: () => [pod()] },
  { name: 'container', share: 5, wishes: () => [container()] },
  { name: 'domain', share: 4, wishes: (domain) => [name(domain)] },
  { name: 'domain and mail', share: 4, wishes: (domain) => [name(domain), mail(domain)] },
  { name: 'VM with add-ons', share: 3, wishes: () => [pod({}, ['ADDON-IP', 'ADDON-DISK-20', 'BACKUP-DAILY'])] },
  {
    name: 'domain, VM in it and mail',
    share: 4,
    wishes: (domain) => [name(domain), pod({ hostname: `www.${domain}` }), mail(domain)],
  },
  { name: 'VM and container', share: 2, wishes: () => [pod({}, [], 'CPOD-PRO'), container()] },
  {
    name: 'name taken, container beside it',
    share: 1,
    wishes: (domain) => [name(domain), mail(domain), container()],
    flaw: { kind: 'name taken', undone: ['domain', 'email'] },
  },
  {
    name: 'name servers unknown, VM in it',
    share: 1,
    wishes: (domain) => [name(domain, { nameservers: NAMESERVERS }), pod({ hostname: `www.${domain}` })],
    flaw: { kind: 'name servers unknown', undone: ['domain', 'cloudpod'] },
  },
  {
    name: 'template gone, with an add-on',
    share: 1,
    wishes: (domain) => [pod({ template: GONE }, ['ADDON-IP']), name(domain)],
    flaw: { kind: 'template gone', undone: ['cloudpod', 'addon'] },
  },
];
