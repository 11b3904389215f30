import { isPayable, toMinor } from '../../core/money.ts';
import { Misuse } from './command.ts';
import type { Given } from './given.ts';

/** A whole number within bounds. Throws Misuse. */
export function wholeNumber(what: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new Misuse(`${what} must be a whole number from ${min} to ${max}, not '${text}'`);
}

const UNITS: Record<string, number> = { M: 1, G: 1024, T: 1024 ** 2 };
/** An exbibyte less one: beyond any machine, and far within a column of 32 bits in GiB. */
const MAX_MIB = 1024 ** 4 - 1;

/** 512M, 256G, 4T → MiB. Throws Misuse. */
export function mebibytes(what: string, text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,12})([MGT])$/.exec(text) ?? [];
  const value = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (value >= 1 && value <= MAX_MIB) return value;
  throw new Misuse(`${what} must be a size like 512M, 256G or 4T, not '${text}'`);
}

/** An amount that can be charged, in the currency's minor units. Throws Misuse. */
export function amount(what: string, text: string, currency: string): number {
  if (!/^\d{1,9}(\.\d+)?$/.test(text)) throw new Misuse(`${what} must be an amount like 9.99, not '${text}'`);
  if (!isPayable(Number(text), currency)) throw new Misuse(`${what}: ${text} cannot be charged in ${currency}`);
  return toMinor(Number(text), currency);
}

/** One of a few words. Throws Misuse. */
export function oneOf<T extends string>(what: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found) return found;
  throw new Misuse(`${what} must be ${words.join(' or ')}, not '${text}'`);
}

/** The value that `read` makes of an option, or nothing where it is not given. */
export function optional<K extends string, T>(
  given: Given,
  option: string,
  key: K,
  read: (what: string, text: string) => T,
): { [key in K]?: T } {
  const text = given.option(option);
  return (text === undefined ? {} : { [key]: read(`--${option}`, text) }) as { [key in K]?: T };
}
