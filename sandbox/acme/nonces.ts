import { randomBytes } from 'node:crypto';

const KEEP = 10_000;

/** RFC 8555 6.5: each nonce is good once. Those of before a restart are forgotten: their users get badNonce. */
export class Nonces {
  readonly #issued = new Set<string>();

  issue(): string {
    const nonce = randomBytes(16).toString('base64url');
    this.#issued.add(nonce);
    if (this.#issued.size > KEEP) this.#issued.delete(this.#issued.values().next().value!);
    return nonce;
  }

  redeem(nonce: string): boolean {
    return this.#issued.delete(nonce);
  }
}
