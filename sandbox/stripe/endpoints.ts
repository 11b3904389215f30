import type Stripe from 'stripe';
import type { Collection } from '../lib/store.ts';
import { newId, now, randomLetters } from './ids.ts';
import { API_VERSION } from './world.ts';

/** An endpoint with the secrets that sign its events, the newest first; more than one while a secret is rolled. */
export type Endpoint = Omit<Stripe.WebhookEndpoint, 'secret'> & { secrets: string[] };

export const newSecret = (): string => `whsec_${randomLetters(32)}`;

interface Wish {
  id?: string;
  url: string;
  enabled_events: string[];
  description?: string | undefined;
  metadata?: Record<string, string> | undefined;
}

export function newEndpoint(wish: Wish): Endpoint {
  return {
    id: wish.id ?? newId('we'),
    object: 'webhook_endpoint',
    api_version: API_VERSION,
    application: null,
    created: now(),
    description: wish.description ?? null,
    enabled_events: wish.enabled_events,
    livemode: false,
    metadata: wish.metadata ?? {},
    secrets: [newSecret()],
    status: 'enabled',
    url: wish.url,
  };
}

/** The endpoint that is there from the start, for mpanel; its secret outlives a restart, its address may change. */
export function ownEndpoint(endpoints: Collection<Endpoint>, url: string | undefined): Endpoint {
  const id = 'we_mpanel';
  const known = endpoints.get(id) ?? newEndpoint({ id, url: '', enabled_events: ['*'], description: 'mpanel' });
  return endpoints.set(id, { ...known, url: url ?? '', status: url ? 'enabled' : 'disabled' });
}

/** As the API shows it: the secret only to whoever made it. */
export function shown({ secrets: _, ...endpoint }: Endpoint): Stripe.WebhookEndpoint {
  return endpoint;
}
