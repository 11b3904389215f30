import type Stripe from 'stripe';
import type { StandIn, Surroundings } from '../lib/stand-in.ts';
import type { Collection } from '../lib/store.ts';
import type { Agenda } from './agenda.ts';
import type { Events } from './events.ts';
import type { Line } from './lines.ts';

/** The API version it speaks: the one that npm stripe 23.1.0 pins. */
export const API_VERSION = '2026-10-28.endive';

/** What a session says about the intent to come. */
export interface Intention {
  description?: string | undefined;
  metadata?: Record<string, string> | undefined;
  setup_future_usage?: 'off_session' | 'on_session' | undefined;
}

/** The objects as they go over the wire, by id. */
export interface Books {
  sessions: Collection<Stripe.Checkout.Session>;
  /** By the session's id. */
  lines: Collection<Line[]>;
  /** `payment_intent_data` of a session until its intent is made, by the session's id. */
  intentions: Collection<Intention>;
  intents: Collection<Stripe.PaymentIntent>;
  charges: Collection<Stripe.Charge>;
  refunds: Collection<Stripe.Refund>;
  customers: Collection<Stripe.Customer>;
  methods: Collection<Stripe.PaymentMethod>;
  disputes: Collection<Omit<Stripe.Dispute, 'evidence'>>;
}

export function openBooks({ store, name }: StandIn): Books {
  const open = <T>(kind: string) => store.collection<T>(`${name}.${kind}`);
  return {
    sessions: open('sessions'),
    lines: open('lines'),
    intentions: open('intentions'),
    intents: open('payment_intents'),
    charges: open('charges'),
    refunds: open('refunds'),
    customers: open('customers'),
    methods: open('payment_methods'),
    disputes: open('disputes'),
  };
}

/** What everything here works on. */
export interface World extends Books {
  self: StandIn;
  around: Surroundings;
  agenda: Agenda;
  events: Events;
  /** Where the checkout page is served. */
  origin(): string;
}

/** Who caused a change; both null where it was not an API call. */
export interface Cause {
  request: string | null;
  key: string | null;
  /** Deliveries that must be through before the call is answered. */
  hurried: Promise<void>[];
}

export const nobody = (): Cause => ({ request: null, key: null, hurried: [] });
