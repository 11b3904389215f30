import { hostname } from 'node:os';
import { actingAs } from '../../db/acting.ts';
import { asPlatform } from '../../db/tenant-scope.ts';
import { newId } from '../../runtime/ids.ts';
import { type Command, type Desk, Misuse, Refusal } from './command.ts';
import { commands } from './commands.ts';
import { Given } from './given.ts';
import { forPeople, forPrograms } from './print.ts';

export interface Outcome {
  code: number;
  /** For standard output where the code is 0, else for standard error. */
  text: string;
}

const USAGE = 64;

/** What needs no database: help, and words that are no command. Undefined where there is something to do. */
export function answerAtOnce(words: string[]): Outcome | undefined {
  const asked = words.filter((word) => word !== 'help' && word !== '--help' && word !== '-h');
  if (words.length === 0) return { code: USAGE, text: usage(commands) };
  const close = commands.filter(({ name }) => name.split(' ')[0] === asked[0]);
  if (asked.length < words.length) return { code: 0, text: usage(close.length ? close : commands) };
  if (find(words)) return undefined;
  const unknown = `There is no command '${words.slice(0, Math.max(1, ...close.map(({ name }) => name.split(' ').length))).join(' ')}'`;
  return {
    code: USAGE,
    text: close.length ? `${unknown}.\n${usage(close)}` : `${unknown}; npm run admin -- help lists them.`,
  };
}

/** Runs the command that these words name. */
export async function execute(desk: Desk, words: string[]): Promise<Outcome> {
  const command = find(words);
  if (!command) return answerAtOnce(words) ?? { code: USAGE, text: usage(commands) };
  try {
    const given = new Given(command.synopsis, words.slice(command.name.split(' ').length));
    const answer = await asOperator(() => command.run(desk, given));
    return { code: 0, text: given.json ? forPrograms(answer) : forPeople(answer) };
  } catch (error) {
    if (error instanceof Misuse) return { code: USAGE, text: `${sentence(error)}\n${usage([command])}` };
    if (error instanceof Refusal) return { code: 1, text: sentence(error) };
    throw error;
  }
}

/** The log tells the login at this machine, and the command by an id of its own. */
function asOperator<T>(work: () => Promise<T>): Promise<T> {
  const login = process.env.SUDO_USER ?? process.env.USER ?? process.getuid?.();
  const address = `${login}@${hostname()}`;
  return actingAs({ type: 'operator', address, requestId: newId() }, () =>
    asPlatform('operators set the platform up', work),
  );
}

function find(words: string[]): Command | undefined {
  return commands.find(({ name }) => name.split(' ').every((word, index) => words[index] === word));
}

function usage(of: readonly Command[]): string {
  const lines = of.map(({ name, synopsis, about }) => `  ${`${name} ${synopsis}`.trim()}\n      ${about}`);
  return ['Usage: npm run admin -- COMMAND [--json]', '', ...lines].join('\n');
}

const sentence = ({ message }: Error) => `${message[0]?.toUpperCase()}${message.slice(1)}.`;
