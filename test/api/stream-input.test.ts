import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ErrorBody } from '../../api/contracts/mpanel/errors.ts';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import { StreamTicket } from '../../db/entities/index.ts';
import { openEvents } from '../support/events.ts';
import { until } from '../support/until.ts';
import { examplesOf } from './examples.ts';
import { ADMIN, type Api, PERSON, startApi, stock } from './support.ts';

// Every stream with what no client of sound mind would send: refused in words, answered to the end, and no place kept.

const HANGS_MS = 10_000;
const HUGE = 'x'.repeat(8_000);
const NOBODYS = '01890000-0000-7000-8000-000000000000';

/** What is sent, by a name that is no longer than a line. */
const named = (...values: string[]) =>
  values.map((value) => [`${value.slice(0, 30)} (${value.length})`, value] as const);

let api: Api;
let bearer: Record<string, string>;
let exampleOf: ReturnType<typeof examplesOf>;
beforeAll(async () => {
  // One place: what a refused request kept would be missed by all after it.
  api = await startApi({ STREAMS_PER_USER: '1' });
  const shop = await stock(api);
  exampleOf = examplesOf(api, shop, (await api.admin('POST', '/api/customers', { body: PERSON })).body.id);
  const { body } = await api.anyone('POST', '/api/auth/login', { body: ADMIN });
  bearer = { authorization: `Bearer ${body.token}` };
});
afterAll(() => api.close());

/** Status and code of a refusal. Throws where the answer does not end, or is none of ours. */
async function refusal(path: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  const answer = await fetch(`${api.url}/api${path}`, { headers, signal: AbortSignal.timeout(HANGS_MS) });
  return [answer.status, ErrorBody.parse(await answer.json()).error.code];
}

/** Where something that goes on can be followed. */
const followed = async (route: string) => (await exampleOf('post', `${route}/ticket`)).path.replace(/\/ticket$/, '');

const streams = mpanelRoutes.filter((route) => route.streams).map(({ path }) => path);

describe.each(streams)('GET %s', (route) => {
  const ticketOf = async (path: string) => (await api.admin('POST', `/api${path}/ticket`)).body.ticket as string;
  let path: string;
  beforeAll(async () => {
    path = await followed(route);
  });

  test.each(named('x', '-1', '1.5', '1e3', '0x10', '1, 2', '\u00ff', '9'.repeat(16), HUGE))(
    'a Last-Event-ID that is none: %s',
    async (_, last) => {
      expect(await refusal(path, { ...bearer, 'last-event-id': last })).toEqual([400, 'MALFORMED_REQUEST']);
    },
  );

  test.each(
    named(
      ...['lastEventId=x', 'lastEventId=-1', 'lastEventId=1.5', 'lastEventId=1&lastEventId=2', 'lastEventId=%00'],
      ...[`lastEventId=${'9'.repeat(400)}`, 'after=1', '%=1', `${HUGE}=1`, `unknown=${HUGE}`, 'a=1&'.repeat(2_000)],
    ),
  )('a query that means nothing: %s', async (_, query) => {
    expect(await refusal(`${path}?${query}`, bearer)).toEqual([400, 'INVALID_QUERY']);
    const ticket = await ticketOf(path);
    expect(await refusal(`${path}?ticket=${ticket}&${query}`)).toEqual([400, 'INVALID_QUERY']);
  });

  test.each(named('x', '', '%00', '%ff', 'a&ticket=b', 'x'.repeat(100), HUGE))(
    'a ticket that is none: %s',
    async (_, ticket) => {
      expect(await refusal(`${path}?ticket=${ticket}`)).toEqual([401, 'UNAUTHENTICATED']);
      expect(await refusal(`${path}?ticket=${ticket}`, bearer)).toEqual([401, 'UNAUTHENTICATED']);
    },
  );

  test('a ticket that is used up, has expired, or is for something else', async () => {
    const used = await ticketOf(path);
    const wrong = { 'last-event-id': 'x' };
    expect(await refusal(`${path}?ticket=${used}`, wrong)).toEqual([400, 'MALFORMED_REQUEST']);
    expect(await refusal(`${path}?ticket=${used}`)).toEqual([401, 'UNAUTHENTICATED']);
    const elsewhere = await ticketOf(await followed(route));
    expect(await refusal(`${path}?ticket=${elsewhere}`)).toEqual([401, 'UNAUTHENTICATED']);
    const late = await ticketOf(path);
    await api.orm.em.fork().nativeUpdate(StreamTicket, {}, { expiresAt: new Date(Date.now() - 1) });
    expect(await refusal(`${path}?ticket=${late}`)).toEqual([401, 'UNAUTHENTICATED']);
  });

  test.each(named('0', 'null', '%00', '..%2F..', NOBODYS, HUGE))('an id of nothing: %s', async (_, id) => {
    const nowhere = route.replace(':id', id);
    expect(await refusal(nowhere, bearer)).toEqual([404, 'NOT_FOUND']);
    expect(await refusal(`${nowhere}?lastEventId=1`, bearer)).toEqual([404, 'NOT_FOUND']);
    expect(await refusal(nowhere)).toEqual([401, 'UNAUTHENTICATED']);
  });
});

test('after all that there is room for who asks rightly', async () => {
  for (const route of streams) {
    const stream = await until('room', async () => {
      const opened = await openEvents(`${api.url}/api${await followed(route)}`, bearer);
      if (opened.status === 200) return opened;
      opened.close();
      return undefined;
    });
    expect(await stream.take(1)).toHaveLength(1);
    stream.close();
  }
});
