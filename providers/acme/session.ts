import { ProviderError } from '../../core/errors.ts';
import type { HttpAnswer } from '../http.ts';
import { type Signer, sign } from './jws.ts';
import { Nonces } from './nonces.ts';
import { failure, isBadNonce } from './problem.ts';
import { type Directory, directoryShape, parse } from './shapes.ts';
import type { Exchange, Send } from './transport.ts';

// A CA may refuse any nonce for reasons of its own (Pebble does so at random); a storm of refusals ends as `busy`.
const NONCE_ATTEMPTS = 20;

/** Requests to one CA: its directory, its nonces, signatures. Every answer is 2xx or thrown. */
export class Session {
  readonly #send: Send;
  readonly #directoryUrl: string;
  readonly #nonces = new Nonces();
  #directory: Promise<Directory> | undefined;

  constructor(send: Send, directoryUrl: string) {
    this.#send = send;
    this.#directoryUrl = directoryUrl;
  }

  /** Asked for once; a failure is not kept. */
  directory(): Promise<Directory> {
    this.#directory ??= this.get('directory', this.#directoryUrl)
      .then((answer) => parse('directory', answer, directoryShape, false))
      .catch((error: unknown) => {
        this.#directory = undefined;
        throw error;
      });
    return this.#directory;
  }

  async ping(): Promise<void> {
    parse('ping', await this.get('ping', this.#directoryUrl), directoryShape, false);
  }

  async get(operation: string, url: string): Promise<HttpAnswer> {
    return good({ operation, method: 'GET', url, effect: false }, this.#send);
  }

  /** POST-as-GET */
  read(operation: string, signer: Signer, url: string): Promise<HttpAnswer> {
    return this.#post(operation, signer, url, undefined);
  }

  /** POST that changes something. */
  act(operation: string, signer: Signer, url: string, payload: object): Promise<HttpAnswer> {
    return this.#post(operation, signer, url, payload);
  }

  async #post(operation: string, signer: Signer, url: string, payload: object | undefined): Promise<HttpAnswer> {
    const effect = payload !== undefined;
    const headers = { 'content-type': 'application/jose+json' };
    for (let attempt = 1; ; attempt++) {
      const body = await sign(signer, url, await this.#nonce(), payload);
      const answer = await this.#send({ operation, method: 'POST', url, headers, body, effect });
      this.#nonces.collect(answer);
      if (isGood(answer)) return answer;
      if (!isBadNonce(answer) || attempt === NONCE_ATTEMPTS) throw failure(operation, answer, effect);
    }
  }

  async #nonce(): Promise<string> {
    const spare = this.#nonces.take();
    if (spare) return spare;
    const { newNonce } = await this.directory();
    const answer = await good({ operation: 'newNonce', method: 'HEAD', url: newNonce, effect: false }, this.#send);
    const nonce = answer.headers.get('replay-nonce');
    if (nonce) return nonce;
    throw new ProviderError({
      provider: 'acme',
      operation: 'newNonce',
      kind: 'unavailable',
      detail: 'answer without a nonce',
    });
  }
}

const isGood = (answer: HttpAnswer) => answer.status >= 200 && answer.status < 300;

async function good(exchange: Exchange, send: Send): Promise<HttpAnswer> {
  const answer = await send(exchange);
  if (isGood(answer)) return answer;
  throw failure(exchange.operation, answer, exchange.effect);
}
