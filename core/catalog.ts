import type { BillingCycle } from './period.ts';

/** What a product costs for one billing cycle, in minor units. */
export interface Price {
  cycle: BillingCycle;
  amount: number;
  currency: string;
}

/** What a CloudPod has: its own copy of the plan it was bought with. */
export interface Plan {
  kind: 'qemu' | 'lxc';
  cores: number;
  memoryMb: number;
  diskGb: number;
  image: string;
}

export interface Address {
  line1: string;
  line2?: string | undefined;
  city: string;
  state?: string | undefined;
  postalCode?: string | undefined;
  /** ISO 3166-1 alpha-2. */
  country: string;
}
