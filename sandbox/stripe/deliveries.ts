import { createHmac } from 'node:crypto';
import type { StandIn, Surroundings } from '../lib/stand-in.ts';
import type { Collection } from '../lib/store.ts';
import type { Agenda } from './agenda.ts';
import type { Endpoint } from './endpoints.ts';
import type { WireEvent } from './events.ts';
import { newId, now } from './ids.ts';

/** One copy of one event on its way to one endpoint. */
export interface Delivery {
  id: string;
  event: string;
  endpoint: string;
  state: 'pending' | 'delivered' | 'lost' | 'given up';
  attempts: { at: string; status?: number; error?: string }[];
  /** The delivery that waits for the first attempt of this one. */
  next?: string;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
// The real one tries for three days; here about an hour at lifelike speed.
const MOST_ATTEMPTS = 72;
// Even at speed 0 a receiver that is down for some seconds finds its events afterwards.
const LEAST_SPEED = 0.05;
const ANSWER_WITHIN_MS = 20_000;
const USUAL_LATENCY_MS = 200;

/** Brings events to the endpoints until one answers 2xx, and plays the webhook faults. */
export class Deliveries {
  readonly rows: Collection<Delivery>;
  readonly #endpoints: Collection<Endpoint>;
  readonly #events: Collection<WireEvent>;
  readonly #self: StandIn;
  readonly #around: Surroundings;
  readonly #agenda: Agenda;
  readonly #closing = new AbortController();

  constructor(
    self: StandIn,
    around: Surroundings,
    events: Collection<WireEvent>,
    endpoints: Collection<Endpoint>,
    agenda: Agenda,
  ) {
    this.rows = self.store.collection<Delivery>(`${self.name}.deliveries`);
    this.#self = self;
    this.#around = around;
    this.#events = events;
    this.#endpoints = endpoints;
    this.#agenda = agenda;
  }

  receivers(type: string): Endpoint[] {
    return this.#endpoints
      .values()
      .filter(({ status }) => status === 'enabled')
      .filter(({ enabled_events }) => enabled_events.includes('*') || enabled_events.includes(type));
  }

  /** Cuts off what is on the wire; it counts as a failed attempt and goes out again after the next start. */
  close(): void {
    this.#closing.abort();
  }

  /** Sends what happened at one moment; answers the deliveries that somebody must wait for. */
  send(events: WireEvent[]): Promise<void>[] {
    if (events.some((event) => this.#switched('webhook-reversed', event))) {
      this.#inTurn(events.toReversed());
      return [];
    }
    return events.flatMap((event) => this.#sendOne(event));
  }

  again(event: WireEvent, copies: number): Delivery[] {
    const made = this.receivers(event.type).flatMap((endpoint) =>
      Array.from({ length: copies }, () => this.#make(event, endpoint)),
    );
    for (const { id } of made) this.#plan(id, 0);
    return made;
  }

  /** The agenda's job: one attempt, and the next one planned where it failed. */
  async attempt(id: string): Promise<void> {
    const delivery = this.rows.get(id);
    const event = delivery && this.#events.get(delivery.event);
    const endpoint = delivery && this.#endpoints.get(delivery.endpoint);
    if (!event || !endpoint || delivery.state !== 'pending') return;
    const result = await this.#post(event, endpoint);
    const attempts = [...delivery.attempts, { at: new Date().toISOString(), ...result }];
    const delivered = 'status' in result && result.status >= 200 && result.status < 300;
    const state = delivered ? 'delivered' : attempts.length < MOST_ATTEMPTS ? 'pending' : 'given up';
    this.rows.set(id, { ...delivery, attempts, state });
    if (state === 'pending') this.#plan(id, this.#waitAfter(attempts.length));
    if (delivery.next && attempts.length === 1) this.#plan(delivery.next, 0);
  }

  #sendOne(event: WireEvent): Promise<void>[] {
    const lost = this.#switched('webhook-lost', event);
    const twice = this.#switched('webhook-twice', event);
    const late = this.#switched('webhook-late', event);
    const before = this.#switched('webhook-before-answer', event);
    const wait = late ? Number(late.data ?? 1000) : USUAL_LATENCY_MS * this.#around.speed;
    const made = this.receivers(event.type).flatMap((endpoint) =>
      Array.from({ length: twice ? 2 : 1 }, () => this.#make(event, endpoint, lost ? { state: 'lost' } : {})),
    );
    if (lost) return [];
    for (const { id } of made) this.#plan(id, wait);
    return before ? made.map(({ id }) => this.#agenda.run('deliver', id)) : [];
  }

  /** Each is sent when the one before it has been answered. */
  #inTurn(events: WireEvent[]): void {
    for (const endpoint of this.#endpoints.values()) {
      const wanted = events.filter((event) => this.receivers(event.type).includes(endpoint));
      let next: string | undefined;
      for (const event of wanted.toReversed()) next = this.#make(event, endpoint, next ? { next } : {}).id;
      if (next) this.#plan(next, 0);
    }
  }

  #make(event: WireEvent, endpoint: Endpoint, more: Partial<Delivery> = {}): Delivery {
    const id = newId('dlv');
    return this.rows.set(id, { id, event: event.id, endpoint: endpoint.id, state: 'pending', attempts: [], ...more });
  }

  #plan(id: string, waitMs: number): void {
    this.#agenda.plan('deliver', id, Date.now() + waitMs);
  }

  #waitAfter(attempts: number): number {
    return Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS) * Math.max(this.#around.speed, LEAST_SPEED);
  }

  async #post(event: WireEvent, endpoint: Endpoint): Promise<{ status: number } | { error: string }> {
    // Two spaces, as Stripe writes it: whoever verifies a body that was parsed and written again fails here too.
    const body = JSON.stringify(event, null, 2);
    try {
      const response = await fetch(endpoint.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
          'stripe-signature': this.#signature(event, endpoint, body),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(ANSWER_WITHIN_MS), this.#closing.signal]),
      });
      await response.arrayBuffer();
      return { status: response.status };
    } catch (error) {
      return { error: String((error as { cause?: unknown }).cause ?? error) };
    }
  }

  /** `t=…,v1=…`, one v1 for each secret that holds: docs.stripe.com/webhooks#verify-manually. */
  #signature(event: WireEvent, endpoint: Endpoint, body: string): string {
    const stale = this.#switched('webhook-stale-signature', event);
    const bad = this.#switched('webhook-bad-signature', event);
    const time = now() - (stale ? Number(stale.data ?? 600) : 0);
    const secrets = bad ? ['whsec_somebody_elses'] : endpoint.secrets;
    const sign = (secret: string) => createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
    return [`t=${time}`, ...secrets.map((secret) => `v1=${sign(secret)}`)].join(',');
  }

  #switched(name: string, event: WireEvent) {
    return this.#self.faults.switched(name, event.type);
  }
}
