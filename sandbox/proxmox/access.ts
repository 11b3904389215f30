import { createHmac, randomBytes } from 'node:crypto';
import type { Call } from '../lib/http.ts';
import { PveError } from './error.ts';
import type { Token } from './things.ts';
import { type Context, need, type Params, type Routes, seconds, type World } from './world.ts';

/** Seconds that a ticket lives. */
const LIFE = 7200;

/** Who calls: a token, the user of a ticket, or why nobody. */
export function identify(world: World, call: Call): Token | string {
  const token = /^PVEAPIToken=([^=\s]+)=(\S+)$/.exec(call.headers.authorization ?? '');
  if (token) return byToken(world, String(token[1]), String(token[2]));
  const cookie = /(?:^|;\s*)PVEAuthCookie=([^;]+)/.exec(call.headers.cookie ?? '')?.[1];
  return cookie ? byTicket(world, decodeURIComponent(cookie), call) : 'No ticket';
}

function byToken(world: World, id: string, secret: string): Token | string {
  const token = world.tokens.get(id);
  const [user, name] = id.split('!');
  if (!token || name === undefined) return `no such token '${name ?? ''}' for user '${user}'`;
  return token.secret === secret ? token : 'invalid token value!';
}

function byTicket(world: World, ticket: string, call: Call): Token | string {
  const user = userOf(world, ticket);
  if (!user) return 'invalid PVE ticket';
  const guarded = call.method !== 'GET';
  if (guarded && call.headers.csrfpreventiontoken !== csrf(world, user.id))
    return 'Permission denied - invalid csrf token';
  return user;
}

function userOf(world: World, ticket: string): Token | undefined {
  const [, id = '', time = '', signature] = /^PVE:([^:]+):([0-9A-F]{8})::(\w+)$/.exec(ticket) ?? [];
  const age = seconds(Date.now()) - Number.parseInt(time, 16);
  return signature === sign(world, `${id}:${time}`) && age < LIFE ? world.tokens.get(id) : undefined;
}

function sign(world: World, text: string): string {
  const known = world.options.get('authkey') ?? world.options.set('authkey', { key: randomBytes(16).toString('hex') });
  return createHmac('sha256', String(known.key)).update(text).digest('hex');
}

const csrf = (world: World, id: string) => sign(world, `csrf:${id}`);

/** A ticket for a password, or for a ticket that still holds. */
function login({ world }: Context, params: Params) {
  const id = need(params, 'username');
  const user = world.tokens.get(params.realm ? `${id}@${need(params, 'realm')}` : id);
  const password = need(params, 'password');
  if (!user || user.id.includes('!') || (user.secret !== password && userOf(world, password)?.id !== user.id))
    throw new PveError('authentication failure', 401);
  const time = seconds(Date.now()).toString(16).toUpperCase().padStart(8, '0');
  const ticket = `PVE:${user.id}:${time}::${sign(world, `${user.id}:${time}`)}`;
  return { username: user.id, ticket, CSRFPreventionToken: csrf(world, user.id), cap: {} };
}

/** The one call that needs no identity. */
export const LOGIN = 'POST /access/ticket';
export const accessRoutes: Routes = { [LOGIN]: login };
