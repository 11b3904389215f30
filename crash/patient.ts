import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Login } from '../scripts/demo/api.ts';
import { DemoFailure } from '../scripts/demo/failure.ts';
import { callJson, Refusal } from '../scripts/demo/http.ts';

const PATIENCE_MS = 120_000;
const WAIT_MS = 200;

/** A client that asks again while nobody answers or the platform cannot: each change under one Idempotency-Key. */
export interface PatientApi {
  get<T>(path: string): Promise<T>;
  /** Throws Refusal for an answer of 4xx. */
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /** All pages of a list, oldest first. */
  list<T>(path: string): Promise<T[]>;
}

const PAGE = 200;
const UNAUTHENTICATED = 401;

/** @param url of the API, without /api */
export function patientApi(url: string, login: Login): PatientApi {
  let token: Promise<string> | undefined;

  async function signIn(): Promise<string> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(login) };
    return ((await callJson(`${url}/api/auth/login`, init)) as { token: string }).token;
  }

  function forget(own: Promise<string>): void {
    if (token === own) token = undefined;
  }

  async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
    for (const end = Date.now() + PATIENCE_MS; ; await sleep(WAIT_MS)) {
      token ??= signIn();
      const own = token;
      own.catch(() => forget(own));
      try {
        const headers = { ...init.headers, authorization: `Bearer ${await own}` };
        return (await callJson(`${url}/api${path}`, { ...init, headers })) as T;
      } catch (error) {
        if (!passes(error) || Date.now() > end) throw error;
        if (error instanceof Refusal && error.status === UNAUTHENTICATED) forget(own);
      }
    }
  }

  const get = <T>(path: string) => call<T>(path);
  return {
    get,
    send: (method, path, body = {}) =>
      call(path, {
        method,
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: JSON.stringify(body),
      }),
    async list<T>(path: string) {
      const all: T[] = [];
      for (let page = 1; ; page++) {
        const query = `${path.includes('?') ? '&' : '?'}sort=createdAt&pageSize=${PAGE}&page=${page}`;
        const { items } = await get<{ items: T[] }>(path + query);
        all.push(...items);
        if (items.length < PAGE) return all;
      }
    },
  };
}

const passes = (error: unknown) =>
  error instanceof Refusal ? error.status === UNAUTHENTICATED || error.status >= 500 : error instanceof DemoFailure;
