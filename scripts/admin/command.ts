import type { EntityManager } from '@mikro-orm/postgresql';
import type { Config } from '../../runtime/config.ts';
import type { Given } from './given.ts';

/** What a command works with. */
export interface Desk {
  em: EntityManager;
  config: Config;
}

export type Row = Record<string, string | number | boolean | Date | null | undefined>;

/** A sentence, or tables by title. */
export type Answer = string | Readonly<Record<string, readonly Row[]>>;

export interface Command {
  /** The words it is called by. */
  name: string;
  /**
   * What it takes, which is also what it is held to: arguments in capitals, then options with a value each; those in
   * brackets may be missing, those followed by … may come several times.
   */
  synopsis: string;
  about: string;
  run(desk: Desk, given: Given): Promise<Answer>;
}

/** The command line is wrong: exit code 64, EX_USAGE of sysexits.h. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}

/** It was understood and cannot be done: exit code 1. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
