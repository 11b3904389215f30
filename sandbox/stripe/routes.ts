import type { Collection } from '../lib/store.ts';
import { type Endpoint, newEndpoint, shown } from './endpoints.ts';
import { missing } from './error.ts';
import type { Fields } from './form.ts';
import { checkIntent, confirmIntent, confirmParams, createIntent, intentParams, searched } from './intents.ts';
import { listOf, page } from './lists.ts';
import { newCustomer } from './objects.ts';
import { email, list, may, metadata, must, oneOf, type Read, range, shape, text, url } from './params.ts';
import { createRefund, refundParams } from './refunds.ts';
import { checkSession, createSession, expireSession, sessionParams } from './sessions.ts';
import type { Cause, World } from './world.ts';

/** Runs the call; whatever it refuses from here on is an answer that its idempotency key keeps. */
export type Run = (cause: Cause) => object;

export interface Route {
  method: 'GET' | 'POST';
  path: RegExp;
  /** Checks the parameters; what it refuses has not been executed and is not kept. */
  prepare(form: Fields, id: string): Run;
}

function route<P>(
  method: Route['method'],
  path: string,
  params: Read<P>,
  run: (given: P, cause: Cause, id: string) => object,
  check: (given: P) => void = () => {},
): Route {
  return {
    method,
    path: new RegExp(`^/v1/${path.replace(':id', '([^/]+)')}$`),
    prepare(form, id) {
      const given = params(form, '');
      check(given);
      return (cause) => run(given, cause, id);
    },
  };
}

const nothing = shape({});
const ofPayment = shape({ ...page, created: may(range), payment_intent: may(text()), charge: may(text()) });
const ofCustomer = shape({ ...page, created: may(range), payment_intent: may(text()), customer: may(text()) });
const sessionFilter = shape({
  ...page,
  created: may(range),
  payment_intent: may(text()),
  customer: may(text()),
  status: may(oneOf('open', 'complete', 'expired')),
});
const eventFilter = shape({ ...page, created: may(range), type: may(text()), types: may(list(text())) });
const customerParams = shape({
  email: may(email),
  name: may(text(256)),
  description: may(text()),
  phone: may(text(20)),
  metadata: may(metadata),
});
const endpointParams = shape({
  url: must(url),
  enabled_events: must(list(text())),
  api_version: may(text()),
  description: may(text()),
  metadata: may(metadata),
});

/** Whether each field that the filter names has the value it names. */
const same = <T extends object>(row: T, wanted: { [K in keyof T]?: unknown }) =>
  Object.entries(wanted).every(([field, value]) => value === undefined || row[field as keyof T] === value);
const within = (created: ((at: number) => boolean) | undefined, row: { created: number }) =>
  created?.(row.created) ?? true;

function read<T>(path: string, rows: Collection<T>, object: string, param: string): Route {
  return route('GET', `${path}/:id`, nothing, (_, __, id) => {
    const found = rows.get(id);
    if (!found) throw missing(object, id, param, 404);
    return found;
  });
}

export function routes(world: World, endpoints: Collection<Endpoint>): Route[] {
  const { sessions, intents, charges, refunds, customers, events } = world;
  return [
    route(
      'POST',
      'checkout/sessions',
      sessionParams,
      (given) => createSession(world, given),
      (given) => checkSession(world, given),
    ),
    read('checkout/sessions', sessions, 'checkout.session', 'session'),
    route('GET', 'checkout/sessions', sessionFilter, ({ created, payment_intent, customer, status, ...at }) =>
      listOf(
        sessions,
        at,
        (row) => same(row, { payment_intent, customer, status }) && within(created, row),
        '/v1/checkout/sessions',
      ),
    ),
    route('POST', 'checkout/sessions/:id/expire', nothing, (_, cause, id) => expireSession(world, id, cause)),

    route(
      'POST',
      'payment_intents',
      intentParams,
      (given, cause) => createIntent(world, given, cause),
      (given) => checkIntent(world, given),
    ),
    route('GET', 'payment_intents/search', shape({ query: must(text()), limit: page.limit }), ({ query, limit }) => {
      const found = listOf(
        intents,
        { limit, starting_after: undefined, ending_before: undefined },
        searched(query),
        '/v1/payment_intents/search',
      );
      return { ...found, object: 'search_result', next_page: null };
    }),
    read('payment_intents', intents, 'payment_intent', 'intent'),
    route(
      'GET',
      'payment_intents',
      shape({ ...page, created: may(range), customer: may(text()) }),
      ({ created, customer, ...at }) =>
        listOf(intents, at, (row) => same(row, { customer }) && within(created, row), '/v1/payment_intents'),
    ),
    route('POST', 'payment_intents/:id/confirm', confirmParams, ({ payment_method }, cause, id) =>
      confirmIntent(world, id, payment_method, cause),
    ),

    read('charges', charges, 'charge', 'charge'),
    route('GET', 'charges', ofCustomer, ({ created, payment_intent, customer, ...at }) =>
      listOf(charges, at, (row) => same(row, { payment_intent, customer }) && within(created, row), '/v1/charges'),
    ),

    route('POST', 'refunds', refundParams, (given, cause) => createRefund(world, given, cause)),
    read('refunds', refunds, 'refund', 'id'),
    route('GET', 'refunds', ofPayment, ({ created, payment_intent, charge, ...at }) => {
      if (payment_intent !== undefined && !intents.has(payment_intent))
        throw missing('payment_intent', payment_intent, 'payment_intent', 404);
      return listOf(refunds, at, (row) => same(row, { payment_intent, charge }) && within(created, row), '/v1/refunds');
    }),

    route('POST', 'customers', customerParams, (given, cause) => {
      const customer = newCustomer(given);
      customers.set(customer.id, customer);
      world.events.emit(cause, ['customer.created', customer]);
      return customer;
    }),
    read('customers', customers, 'customer', 'id'),

    read('events', events.rows, 'event', 'id'),
    route('GET', 'events', eventFilter, ({ created, type, types, ...at }) =>
      listOf(
        events.rows,
        at,
        (row) => same(row, { type }) && (types?.includes(row.type) ?? true) && within(created, row),
        '/v1/events',
      ),
    ),

    route('POST', 'webhook_endpoints', endpointParams, (given) => {
      const made = newEndpoint(given);
      endpoints.set(made.id, made);
      return { ...shown(made), secret: made.secrets[0] };
    }),
    route('GET', 'webhook_endpoints', shape(page), (at) => {
      const found = listOf(endpoints, at, () => true, '/v1/webhook_endpoints');
      return { ...found, data: found.data.map(shown) };
    }),
  ];
}
