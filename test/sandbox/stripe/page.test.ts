import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openShop, order, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const open = (more = {}) =>
  shop.stripe.checkout.sessions.create(order({ cancel_url: 'http://127.0.0.1/back', ...more }));
const get = async (url: string) => (await fetch(url)).text();
const press = (url: string, button: string) => fetch(`${url}/${button}`, { method: 'POST', redirect: 'manual' });
/** Where the page's form with this button posts to. */
const buttonOf = (page: string, name: string) =>
  new RegExp(`<form method="post" action="([^"]+)"><button class="${name}">`).exec(page)?.[1];

test('shows what is bought, for how much and by whom', async () => {
  const { url } = await open();
  const page = await get(url ?? '');
  for (const words of [
    'CloudPod Mini',
    '€10.00',
    'Extra IP',
    '× 2',
    '€2.50',
    'Pay €12.50',
    'ada@example.test',
    'http://127.0.0.1/back',
  ])
    expect(page).toContain(words);
});

test('its Pay button leads to the success page, with the id of the session', async () => {
  const { id, url } = await open();
  const action = new URL(buttonOf(await get(url ?? ''), 'pay') ?? '', url ?? '').href;
  const answer = await fetch(action, { method: 'POST', redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `http://127.0.0.1/paid?session=${id}`]);
  expect((await shop.stripe.checkout.sessions.retrieve(id)).payment_status).toBe('paid');
  const again = await press(url ?? '', 'pay');
  expect([again.status, await again.text()]).toEqual([409, expect.stringContaining('This checkout is complete')]);
  expect((await shop.state()).charges).toHaveLength(1);
});

test('its Decline button tells the decline and lets one try again', async () => {
  const { id, url } = await open();
  const declined = await fetch(`${url}/decline`, { method: 'POST' });
  expect([declined.url, declined.status]).toEqual([url, 200]);
  const page = await declined.text();
  expect(page).toContain('Your card was declined.');
  expect(buttonOf(page, 'pay')).toBe(`/c/pay/${id}/pay`);
  const session = await shop.stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] });
  expect(session).toMatchObject({
    status: 'open',
    payment_status: 'unpaid',
    payment_intent: { status: 'requires_payment_method' },
  });
  await shop.receiver.until((all) => all.some(({ event }) => event?.type === 'payment_intent.payment_failed'));
  await press(url ?? '', 'pay');
  expect((await shop.stripe.checkout.sessions.retrieve(id)).payment_status).toBe('paid');
});

test('a bank that says no is told in its words', async () => {
  const { id, url } = await open();
  shop.turnOn('card-declined', id, 'insufficient_funds');
  expect(await (await fetch(`${url}/pay`, { method: 'POST' })).text()).toContain('Your card has insufficient funds.');
});

test('an expired checkout says so, one that never was is not found', async () => {
  const { id, url } = await open();
  await shop.stripe.checkout.sessions.expire(id);
  expect(await get(url ?? '')).toContain('This checkout has expired');
  expect((await press(url ?? '', 'pay')).status).toBe(409);
  expect((await fetch(`${shop.env.STRIPE_API_URL}/c/pay/cs_test_gone`)).status).toBe(404);
});

test('the list of checkouts leads to each', async () => {
  const { id } = await open();
  const page = await get(shop.running.urls.checkout ?? '');
  expect(page).toContain(`<a href="/c/pay/${id}">ada@example.test</a></td><td>€12.50, open`);
});

test('text from outside stays text', async () => {
  const { url } = await open({
    line_items: [
      { quantity: 1, price_data: { currency: 'jpy', unit_amount: 500, product_data: { name: '<script>x</script>' } } },
    ],
  });
  const page = await get(url ?? '');
  expect(page).toContain('&lt;script&gt;x&lt;/script&gt;');
  expect(page).not.toContain('<script>');
  expect(page).toContain('¥500');
});
