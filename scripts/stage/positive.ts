import { StartFailure } from '../launch/failure.ts';

/** The value of an option that counts something. Throws StartFailure. */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new StartFailure(`--${name} takes a number from 1 up.`);
  return value;
}
