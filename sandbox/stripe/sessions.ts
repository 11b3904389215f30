import type Stripe from 'stripe';
import { invalid, missing } from './error.ts';
import { newId, now, randomLetters } from './ids.ts';
import { type LineWish, newLine } from './lines.ts';
import { checkAmount, checkCurrency } from './money.ts';
import { email, type Given, integer, list, may, metadata, must, oneOf, shape, text, url } from './params.ts';
import { type Cause, nobody, type World } from './world.ts';

type Session = Stripe.Checkout.Session;

/** Of POST /v1/checkout/sessions those that a one-off payment with inline prices needs. */
export const sessionParams = shape({
  mode: must(oneOf('payment')),
  success_url: must(url),
  cancel_url: may(url),
  customer: may(text()),
  customer_email: may(email),
  client_reference_id: may(text(200)),
  expires_at: may(integer()),
  metadata: may(metadata),
  payment_intent_data: may(
    shape({
      description: may(text(1000)),
      metadata: may(metadata),
      setup_future_usage: may(oneOf('off_session', 'on_session')),
    }),
  ),
  line_items: may(
    list(
      shape({
        quantity: must(integer(1)),
        price_data: must(
          shape({
            currency: must(text(3)),
            unit_amount: must(integer(0)),
            product_data: must(shape({ name: must(text()), description: may(text()), metadata: may(metadata) })),
          }),
        ),
      }),
    ),
  ),
});

type Wish = Given<typeof sessionParams>;

const MINUTE = 60;
const SHORTEST = 30 * MINUTE;
const LONGEST = 24 * 60 * MINUTE;
// Clocks differ a little, and the request took its time.
const LENIENCE = MINUTE;

/** What Stripe checks before anything is made: expiry, lines, amounts, who pays. */
export function checkSession(world: World, wish: Wish): void {
  if (wish.customer !== undefined && wish.customer_email !== undefined)
    throw invalid('You may only specify one of these parameters: customer, customer_email.', 'customer');
  if (wish.customer !== undefined && !world.customers.has(wish.customer))
    throw missing('customer', wish.customer, 'customer', 400);
  checkExpiry(wish.expires_at);
  const lines = linesOf(wish);
  if (lines[0] === undefined)
    throw invalid('The `line_items` parameter is required in payment mode.', 'line_items', 'parameter_missing');
  if (lines.some(({ currency }) => currency !== lines[0]?.currency))
    throw invalid('All line items must use the same currency.', 'line_items');
  checkAmount(total(lines), lines[0].currency, 'line_items');
}

function checkExpiry(expiresAt: number | undefined) {
  if (expiresAt === undefined) return;
  const wait = expiresAt - now();
  if (wait < SHORTEST - LENIENCE)
    throw invalid(
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
      'expires_at',
    );
  if (wait > LONGEST + LENIENCE)
    throw invalid(
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
      'expires_at',
    );
}

function linesOf(wish: Wish): LineWish[] {
  return (wish.line_items ?? []).map(({ quantity, price_data }, index) => ({
    name: price_data.product_data.name,
    currency: checkCurrency(price_data.currency, `line_items[${index}][price_data][currency]`),
    unitAmount: price_data.unit_amount,
    quantity,
  }));
}

const total = (lines: LineWish[]) => lines.reduce((sum, { unitAmount, quantity }) => sum + unitAmount * quantity, 0);

export function createSession(world: World, wish: Wish): Session {
  const lines = linesOf(wish);
  const session = newSession(world, wish, total(lines), lines[0]?.currency ?? '');
  world.lines.set(session.id, lines.map(newLine));
  world.intentions.set(session.id, wish.payment_intent_data ?? {});
  world.agenda.plan('expire', session.id, session.expires_at * 1000);
  return world.sessions.set(session.id, session);
}

function newSession(world: World, wish: Wish, amount: number, currency: string): Session {
  const id = newId('cs_test') + randomLetters(30);
  const email = wish.customer_email ?? world.customers.get(wish.customer ?? '')?.email ?? null;
  return {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: amount,
    amount_total: amount,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: wish.cancel_url ?? null,
    client_reference_id: wish.client_reference_id ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: now(),
    currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: wish.customer ?? null,
    customer_account: null,
    customer_creation: wish.customer ? null : 'if_required',
    customer_details: email ? { ...nobodyYet, email } : null,
    customer_email: wish.customer_email ?? null,
    discounts: [],
    expires_at: wish.expires_at ?? now() + LONGEST,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: wish.metadata ?? {},
    mode: 'payment',
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card'],
    payment_status: 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: null,
    subscription: null,
    success_url: wish.success_url,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: `${world.origin()}/c/pay/${id}`,
    wallet_options: null,
  };
}

const nobodyYet: Stripe.Checkout.Session.CustomerDetails = {
  address: null,
  business_name: null,
  email: null,
  individual_name: null,
  name: null,
  phone: null,
  tax_exempt: 'none',
  tax_ids: null,
};

export function expireSession(world: World, id: string, cause: Cause): Session {
  const session = world.sessions.get(id);
  if (!session) throw missing('checkout.session', id, 'session', 404);
  if (session.status !== 'open') {
    const why = `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of "${session.status}".`;
    throw invalid(why, 'session');
  }
  const expired = world.sessions.set(id, { ...session, status: 'expired', url: null });
  world.agenda.drop('expire', id);
  world.events.emit(cause, ['checkout.session.expired', expired]);
  return expired;
}

/** The agenda's job at `expires_at`. */
export function expireByTime(world: World, id: string): void {
  if (world.sessions.get(id)?.status === 'open') expireSession(world, id, nobody());
}
