import { createHash } from 'node:crypto';
import type { Collection } from '../lib/store.ts';
import { type ErrorBody, StripeRefusal } from './error.ts';

export interface Answer {
  status: number;
  body: object;
}

/** The first answer to a key: docs.stripe.com/api/idempotent_requests. */
export interface Kept extends Answer {
  /** Digest of method, path and parameters. */
  asked: string;
  request: string;
  /** Unix time in milliseconds. */
  at: number;
}

const KEPT_FOR_MS = 24 * 3600 * 1000;
const LONGEST_KEY = 255;

export class Idempotency {
  readonly #kept: Collection<Kept>;
  /** In memory alone: a call that died with the process is no longer in flight. */
  readonly #inFlight = new Map<string, string>();

  constructor(kept: Collection<Kept>) {
    this.#kept = kept;
  }

  /** The answer given before; a refusal where the key was used for something else or is in use right now. */
  recall(key: string, asked: string): Kept | undefined {
    if (key.length > LONGEST_KEY) throw refused(400, 'Idempotency keys can be at most 255 characters long.');
    const running = this.#inFlight.get(key);
    const kept = this.#fresh(key);
    if ((running ?? kept?.asked ?? asked) !== asked) throw refused(400, OTHER_PARAMETERS(key));
    if (running) throw refused(409, IN_FLIGHT(key), 'idempotency_key_in_use');
    return kept;
  }

  /** While the call goes on its key is in flight. */
  async during(key: string, asked: string, perform: () => Promise<Answer>): Promise<Answer> {
    this.#inFlight.set(key, asked);
    try {
      return await perform();
    } finally {
      this.#inFlight.delete(key);
    }
  }

  keep(key: string, answer: Omit<Kept, 'at'>): Answer {
    return this.#kept.set(key, { ...answer, at: Date.now() });
  }

  #fresh(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (!kept || kept.at > Date.now() - KEPT_FOR_MS) return kept;
    this.#kept.delete(key);
    return undefined;
  }
}

export function digest(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function refused(status: number, message: string, code?: string): StripeRefusal {
  const body: ErrorBody = { type: 'idempotency_error', message, ...(code ? { code } : {}) };
  return new StripeRefusal(status, body);
}

const OTHER_PARAMETERS = (key: string) =>
  `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`;
const IN_FLIGHT = (key: string) =>
  `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`;
