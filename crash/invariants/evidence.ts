import type { z } from 'zod';
import type * as schemas from '../../api/contracts/mpanel/schemas/index.ts';
import type { ProductType } from '../../core/states.ts';
import type { Issued } from '../../sandbox/acme/records.ts';
import type { Guest } from '../../sandbox/proxmox/guest.ts';
import type { Volume } from '../../sandbox/proxmox/things.ts';
import type { Contact, Entry, Domain as Registered } from '../../sandbox/registrar/records.ts';

type View<K extends { [N in keyof typeof schemas]: (typeof schemas)[N] extends z.ZodType ? N : never }[keyof typeof schemas]> =
  z.infer<(typeof schemas)[K]>; // biome-ignore format: a name

/** How an order is to end: all of it delivered, called off before it was paid, or just these types of items undone. */
export type Fate = 'delivered' | 'cancelled' | { undone: readonly ProductType[] };

/** What the platform says of itself in its public API. */
export interface Told {
  orders: View<'Order'>[];
  invoices: View<'Invoice'>[];
  jobs: View<'JobWithSteps'>[];
  subscriptions: View<'Subscription'>[];
  pods: View<'CloudPod'>[];
  domains: View<'Domain'>[];
  zones: (View<'DnsZone'> & { records: View<'DnsRecord'>[] })[];
  mailDomains: View<'EmailDomain'>[];
  mailboxes: View<'Mailbox'>[];
  certificates: View<'Certificate'>[];
  customers: View<'Customer'>[];
  audit: View<'AuditEvent'>[];
}

interface Movement {
  id: string;
  amount: number;
  status: string;
}

/** What the stand-ins list over HTTP. */
export interface Outside {
  proxmox: { guests: Guest[]; volumes: Volume[]; jobs: { id: string; vmid?: string }[] };
  powerdns: { name: string; rrsets: { name: string; type: string; records: { content: string }[] }[] }[];
  registrar: { domains: Registered[]; contacts: Contact[]; ledger: Entry[] };
  acme: { certificates: Issued[] };
  stripe: {
    sessions: {
      id: string;
      status: string;
      payment_status: string;
      client_reference_id: string;
      payment_intent: string;
    }[];
    charges: (Movement & { payment_intent: string; metadata: Record<string, string> })[];
    refunds: (Movement & { charge: string; metadata: Record<string, string> })[];
    events: { id: string; type: string; deliveries: { state: string; attempts: { status?: number }[] }[] }[];
  };
  mail: {
    messages: { to: string[]; subject: string; messageId: string }[];
    directory: { domains: string[]; addresses: string[] };
  };
}

/** All that a judgement rests on, read while nothing is under way. */
export interface Evidence {
  told: Told;
  outside: Outside;
  /** Ids of the workflows that the engine lists as open. */
  open: string[];
  /** What is known of how orders must end, by id; of others only that they must have ended well. */
  fates: ReadonlyMap<string, Fate>;
}

/** Says in a sentence each what does not hold; nothing where all is well. */
export type Invariant = (evidence: Evidence) => string[];
