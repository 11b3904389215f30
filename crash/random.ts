import { createHash } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** Numbers that `seed` and `what` decide (mulberry32): one stream for each thing, so that none depends on how often others draw. */
export class Random {
  #state: number;

  constructor(seed: string, what: string) {
    this.#state = createHash('sha256').update(`${seed}/${what}`).digest().readUInt32LE();
  }

  /** From 0 up to but not 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to but not `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }

  /** One of them, each as often as its share says. */
  draw<T extends { share: number }>(of: readonly T[]): T {
    let left = this.next() * of.reduce((total, { share }) => total + share, 0);
    for (const one of of) {
      left -= one.share;
      if (left < 0) return one;
    }
    return of.at(-1)!;
  }

  word(length: number): string {
    return Array.from({ length }, () => this.pick([...LETTERS])).join('');
  }
}
