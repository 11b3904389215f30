import type { Caller, Outcome } from './run.ts';
import { FUZZED, nameOf } from './seeds.ts';

/** One line for each operation: how often it answered what to the administrator, and whether it ever did what it is for. */
export function report({ administrator }: Record<Caller, Outcome>): string {
  const lines = operations().map((name) => {
    const mark = unreached(administrator).includes(name) ? 'NEVER' : '  2xx';
    return `${mark}  ${name.padEnd(50)} ${answersOf(administrator, name)}`;
  });
  return lines.join('\n');
}

const answersOf = ({ tally }: Outcome, name: string): string =>
  [...(tally.answers.get(name) ?? new Map())]
    .sort(([a], [b]) => a - b)
    .map(([status, n]) => `${status}: ${n}`)
    .join(', ');

/** Operations that never answered with success. */
export const unreached = ({ tally }: Outcome): string[] =>
  operations().filter((name) => ![...(tally.answers.get(name)?.keys() ?? [])].some((status) => status < 400));

/** Those that need what only a mail, an authenticator app or a provider has: of them refusals are all that is seen. */
const BEYOND_REACH = [
  'POST /auth/login/second-factor', 'POST /auth/second-factor/confirm', 'POST /auth/second-factor/off', 'POST /auth/password/reset',
  'GET /auth/oidc/:id/start', 'GET /auth/oidc/:id/callback', 'POST /auth/oidc/finish', 'POST /auth/oidc/:id/logout',
]; // biome-ignore format: a list

const operations = (): string[] =>
  FUZZED.filter((route) => !route.streams && !BEYOND_REACH.includes(nameOf(route))).map(
    ({ method, path }) => `${method.toUpperCase()} /api${path.replace(/:(\w+)/g, '{$1}')}`,
  );

/** Answers that are none that the document promises, in words. */
export function faults(outcomes: Record<Caller, Outcome>): string[] {
  return [
    ...Object.entries(outcomes).flatMap(([caller, { findings }]) => (findings ? `As ${caller}:\n${findings}` : [])),
    ...Object.values(outcomes).flatMap(({ tally }) => tally.traces.map((trace) => `A stack trace: ${trace}`)),
  ];
}
