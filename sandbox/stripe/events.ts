import type Stripe from 'stripe';
import type { Collection } from '../lib/store.ts';
import type { Deliveries, Delivery } from './deliveries.ts';
import { newId, now } from './ids.ts';
import { API_VERSION, type Cause } from './world.ts';

/** An event as it goes over the wire; `data.object` is the object as it was then. */
export type WireEvent = Omit<Stripe.EventBase, 'data' | 'type'> & {
  type: string;
  data: { object: object; previous_attributes?: object };
};

export type News = [type: string, object: object, previous?: object];

export class Events {
  readonly rows: Collection<WireEvent>;
  readonly #deliveries: Deliveries;

  constructor(rows: Collection<WireEvent>, deliveries: Deliveries) {
    this.rows = rows;
    this.#deliveries = deliveries;
  }

  /** Records what happened at one moment, in order, and sends it out. */
  emit(cause: Cause, ...news: News[]): void {
    const events = news.map((each) => this.#record(cause, each));
    cause.hurried.push(...this.#deliveries.send(events));
  }

  #record(cause: Cause, [type, object, previous]: News): WireEvent {
    const id = newId('evt');
    return this.rows.set(id, {
      id,
      object: 'event',
      api_version: API_VERSION,
      created: now(),
      data: { object: structuredClone(object), ...(previous ? { previous_attributes: previous } : {}) },
      livemode: false,
      pending_webhooks: this.#deliveries.receivers(type).length,
      request: { id: cause.request, idempotency_key: cause.key },
      type,
    });
  }

  /** Sends an event again, as the dashboard's "Resend" does. */
  resend(id: string, copies: number): Delivery[] {
    const event = this.rows.get(id);
    if (!event) throw new Error(`no event '${id}'`);
    return this.#deliveries.again(event, copies);
  }

  state() {
    const deliveries = Map.groupBy(this.#deliveries.rows.values(), (delivery) => delivery.event);
    return this.rows.values().map((event) => ({ ...event, deliveries: deliveries.get(event.id) ?? [] }));
  }
}
