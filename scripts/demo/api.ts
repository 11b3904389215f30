import { randomUUID } from 'node:crypto';
import { DemoFailure } from './failure.ts';
import { callJson, Refusal } from './http.ts';

/** Somebody who is signed in to mpanel's API. Both throw Refusal for an answer other than 2xx. */
export interface Api {
  get<T>(path: string): Promise<T>;
  /** Under a fresh Idempotency-Key. */
  post<T>(path: string, body: unknown): Promise<T>;
}

export interface Login {
  email: string;
  password: string;
}

const JSON_BODY = { 'content-type': 'application/json' };

/** POST /api/auth/login; `url` is the API's without /api. */
export async function signIn(url: string, login: Login): Promise<Api> {
  const authorization = `Bearer ${await token(url, login)}`;
  return {
    get: async <T>(path: string) => (await callJson(`${url}/api${path}`, { headers: { authorization } })) as T,
    post: async <T>(path: string, body: unknown) => {
      const headers = { ...JSON_BODY, authorization, 'idempotency-key': randomUUID() };
      return (await callJson(`${url}/api${path}`, { method: 'POST', headers, body: JSON.stringify(body) })) as T;
    },
  };
}

async function token(url: string, login: Login): Promise<string> {
  try {
    const call = { method: 'POST', headers: JSON_BODY, body: JSON.stringify(login) };
    return ((await callJson(`${url}/api/auth/login`, call)) as { token: string }).token;
  } catch (error) {
    if (!(error instanceof Refusal && error.status === 401)) throw error;
    throw new DemoFailure(
      `${login.email} cannot sign in: this DATA_DIR was set up with another administrator. ` +
        'Set ADMIN_EMAIL and ADMIN_PASSWORD to that one, or DATA_DIR to a new folder.',
    );
  }
}
