import { portion } from './round.ts';

/** A rate in millionths: 19 % is 190,000, New York's 8.875 % is 88,750. */
export const MILLION = 1_000_000;

/** 19 (percent, at most four digits after the point) → 190,000. */
export const toMillionths = (percent: number): number => Math.round(percent * 10_000);
export const toPercent = (millionths: number): number => millionths / 10_000;

/** Whether a percentage has no more digits than we can keep. */
export const isPercent = (percent: number): boolean => Math.abs(percent * 10_000 - toMillionths(percent)) <= 1e-6;

/** The tax on an amount, or, where the amount includes it, in it. */
export function taxOf(amount: number, rate: number, included: boolean): number {
  return portion(amount, rate, included ? MILLION + rate : MILLION);
}
