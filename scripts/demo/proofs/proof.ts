import type { Api } from '../api.ts';
import { DemoFailure } from '../failure.ts';
import type { Purchase } from '../order.ts';

/** What is looked at, and from where. */
export interface Subject {
  purchase: Purchase;
  api: Api;
  /** The settings that lead to the outside systems. */
  env: NodeJS.ProcessEnv;
  /** Address of the mail sink's page. */
  mailSinkUrl: string;
}

/** Looks at the world; answers one line of evidence, or throws an Error that says what is wrong. */
export type Proof = (subject: Subject) => Promise<string>;

/** Throws DemoFailure with the sentence unless it is so. */
export function expect(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new DemoFailure(otherwise);
}

/** A setting that a proof cannot do without. */
export function need(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  expect(!!value, `${name} is not set`);
  return value;
}
