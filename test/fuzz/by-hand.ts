import assert from 'node:assert/strict';
import { OidcSession } from '../../db/entities/index.ts';
import { codeOf } from '../api/authenticator.ts';
import type { House } from '../api/oidc-house.ts';
import { postOffice } from '../api/sign-in.ts';
import { ADMIN, type Caller } from '../api/support.ts';
import { openEvents } from '../support/events.ts';
import { routeOf } from '../support/promised.ts';
import type { ExampleOf } from './seeds.ts';
import { type Answers, count, emptyTally, type Tally } from './tally.ts';

const STREAMS = ['/orders/:id/timeline', '/jobs/:id/events'];
const STREAM_MS = 10_000;
const LOGIN = { email: 'by.hand@mpanel.test', password: 'a password of their own' };

/** What takes a mail, an authenticator app, a provider or patience is found by no fuzzer: here it is done step by step. */
export async function byHand(house: House, exampleOf: ExampleOf): Promise<Tally> {
  const { answers, ...nothing } = emptyTally();
  await person(house, answers);
  await provider(house, answers);
  for (const path of STREAMS) count(answers, `GET /api${braced(path)}`, await stream(house, exampleOf, path));
  return { answers, ...nothing };
}

const braced = (path: string) => path.replace(/:(\w+)/g, '{$1}');

const counting =
  (answers: Answers, call: Caller): Caller =>
  async (method, path, init) => {
    const answer = await call(method, path, init);
    const route = routeOf(method, path.slice('/api'.length));
    if (route) count(answers, `${method} /api${braced(route.path)}`, answer.status);
    return answer;
  };

/** Takes a second factor, signs in with it, puts it off, signs out, and has forgotten the password by then. */
async function person({ api }: House, answers: Answers): Promise<void> {
  const anyone = counting(answers, api.anyone);
  await api.admin('POST', '/api/users', { body: { ...LOGIN, name: 'By Hand', roles: ['staff'] } });
  const own = counting(answers, await api.signIn(LOGIN));
  const { secret } = (await own('POST', '/api/auth/second-factor', { body: { password: LOGIN.password } })).body;
  await own('POST', '/api/auth/second-factor/confirm', { body: { code: codeOf(secret, -1) } });
  const { challenge } = (await anyone('POST', '/api/auth/login', { body: LOGIN })).body.secondFactor;
  await anyone('POST', '/api/auth/login/second-factor', { body: { challenge, code: codeOf(secret) } });
  await own('POST', '/api/auth/second-factor/off', { body: { password: LOGIN.password, code: codeOf(secret, 1) } });
  await own('POST', '/api/auth/logout');
  await anyone('POST', '/api/auth/password/forgot', { body: { email: LOGIN.email } });
  const post = await postOffice(api);
  const token = (await post.deliver(LOGIN.email)).at(-1);
  await post.close();
  await anyone('POST', '/api/auth/password/reset', { body: { token, password: 'one that is remembered' } });
}

/** Signs somebody in who is known elsewhere, and out again from there. */
async function provider(house: House, answers: Answers): Promise<void> {
  const { api, openId } = house;
  house.newcomer();
  const there = await house.goThere();
  count(answers, 'GET /api/auth/oidc/{id}/start', there.status);
  const back = await house.comeBack(there);
  count(answers, 'GET /api/auth/oidc/{id}/callback', back.status);
  const { status, body } = await house.finish(there.cookie, back.to);
  count(answers, 'POST /api/auth/oidc/finish', status);
  const { subject, sid } = await api.orm.em.fork().findOneOrFail(OidcSession, { userId: body.user.id });
  await openId.signOut(subject, sid ?? '');
  count(answers, 'POST /api/auth/oidc/{id}/logout', openId.state.relayed.at(-1) ?? 0);
}

/** The status of a stream that has told something in time. */
async function stream({ api }: House, exampleOf: ExampleOf, route: string): Promise<number> {
  const path = (await exampleOf('post', `${route}/ticket`)).path.replace(/\/ticket$/, '');
  const { body } = await api.anyone('POST', '/api/auth/login', { body: ADMIN });
  const opened = await openEvents(`${api.url}/api${path}`, { authorization: `Bearer ${body.token}` });
  const late = setTimeout(opened.close, STREAM_MS);
  assert.equal((await opened.take(1)).length, 1, `${route} tells nothing`);
  clearTimeout(late);
  opened.close();
  return opened.status;
}
