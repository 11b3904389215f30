import type { z } from 'zod';
import { ErrorBody } from '../../api/contracts/mpanel/errors.ts';
import type * as schemas from '../../api/contracts/mpanel/schemas/index.ts';

export type Order = z.infer<typeof schemas.Order>;
export type OrderItem = z.infer<typeof schemas.OrderItem>;
export type PlacedOrder = z.infer<typeof schemas.PlacedOrder>;
export type Invoice = z.infer<typeof schemas.Invoice>;
export type Job = z.infer<typeof schemas.Job>;
export type JobWithSteps = z.infer<typeof schemas.JobWithSteps>;
export type Customer = z.infer<typeof schemas.Customer>;
export type Product = z.infer<typeof schemas.Product>;
export type Subscription = z.infer<typeof schemas.Subscription>;
export type CloudPod = z.infer<typeof schemas.CloudPod>;
export interface Page<T> {
  items: T[];
  total: number;
}

/** An answer of 4xx or 5xx. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly status: number;
  /** Of the contract's error format, where the answer has it. */
  readonly code: string | undefined;

  constructor(request: string, status: number, text: string) {
    super(`${request}: ${status} ${text}`);
    this.status = status;
    this.code = /"code":"(\w+)"/.exec(text)?.[1];
  }
}

/** One who is signed in. Answers are taken at their word, for the server of a test looks at its own; refusals are held against their schema. */
export interface Client {
  get<T>(path: string): Promise<T>;
  /** The body as it is. */
  text(path: string): Promise<string>;
  /** Throws HttpRefusal. */
  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
}

/** @param base URL of the API, without /api */
export async function signIn(base: string, login: { email: string; password: string }): Promise<Client> {
  const { token } = await request<{ token: string }>(base, 'POST', '/auth/login', login);
  return {
    get: (path) => request(base, 'GET', path, undefined, token),
    text: (path) => requestText(base, 'GET', path, undefined, token),
    send: (method, path, body) => request(base, method, path, body, token),
    post: (path, body) => request(base, 'POST', path, body, token),
  };
}

async function request<T>(base: string, method: string, path: string, body?: unknown, token?: string): Promise<T> {
  const text = await requestText(base, method, path, body, token);
  return (text ? JSON.parse(text) : undefined) as T;
}

async function requestText(
  base: string,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<string> {
  const response = await fetch(`${base}/api${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) {
    ErrorBody.parse(JSON.parse(text));
    throw new HttpRefusal(`${method} ${path}`, response.status, text);
  }
  return text;
}
