import { portion } from './round.ts';

/** How a product is taxed: at its country's standard or reduced rate, or not at all. */
export const TAX_CATEGORIES = ['standard', 'reduced', 'exempt'] as const;
export type TaxCategory = (typeof TAX_CATEGORIES)[number];

/** A rate in millionths: 19 % is 190,000, New York's 8.875 % is 88,750. */
export const MILLION = 1_000_000;

/** 19 (percent, at most four digits after the point) → 190,000. */
export const toMillionths = (percent: number): number => Math.round(percent * 10_000);
export const toPercent = (millionths: number): number => millionths / 10_000;

/** Whether a percentage has no more digits than we can keep. */
export const isPercent = (percent: number): boolean => Math.abs(percent * 10_000 - toMillionths(percent)) <= 1e-6;

/** The tax on an amount, or, where the amount includes it, in it. */
export function taxOf(amount: number, rate: number, included: boolean, coin: number): number {
  return portion(amount, rate, included ? MILLION + rate : MILLION, coin);
}
