import type { HttpAnswer } from '../http.ts';

const KEEP = 50;

/**
 * RFC 8555 6.5: nonces left over from answers. The freshest is used first: the one that comes with a badNonce is good even
 * where all others are from before a restart of the CA.
 */
export class Nonces {
  #spare: string[] = [];

  take(): string | undefined {
    return this.#spare.pop();
  }

  /** Keeps the answer's nonce, if it brought one. */
  collect(answer: HttpAnswer): void {
    const nonce = answer.headers.get('replay-nonce');
    if (nonce) this.#spare = [...this.#spare.slice(1 - KEEP), nonce];
  }
}
