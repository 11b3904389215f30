import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import type { Route } from '../../api/http/route.ts';
import type { Caller, Outcome } from './run.ts';
import { requestsOf } from './tally.ts';

/** One line for each operation: how often it answered what to the administrator, and whether it ever did what it is for. */
export function report(outcomes: Record<Caller, Outcome>): string {
  const { administrator } = outcomes;
  const { links, times } = followed(outcomes);
  const lines = operations().map((name) => {
    const mark = unreached(administrator).includes(name) ? 'NEVER' : '  2xx';
    return `${mark}  ${name.padEnd(50)} ${answersOf(administrator, name)}`;
  });
  return [...lines, `Links followed: ${links} different ones, ${times} times.`].join('\n');
}

const answersOf = ({ tally }: Outcome, name: string): string =>
  [...(tally.answers.get(name) ?? new Map())]
    .sort(([a], [b]) => a - b)
    .map(([status, n]) => `${status}: ${n}`)
    .join(', ');

/** Operations that never answered with success. */
export const unreached = ({ tally }: Outcome): string[] =>
  operations().filter((name) => ![...(tally.answers.get(name)?.keys() ?? [])].some((status) => status < 400));

/** Schemathesis makes up no more ids once those that it knew of are gone, which is what deleting them does. */
const DELETIONS = 30;

/** Operations that take something and were asked for less often than was wanted, by whom. */
export function seldom(outcomes: Record<Caller, Outcome>, examples: number): string[] {
  return Object.entries(outcomes).flatMap(([caller, { tally }]) =>
    mpanelRoutes
      .filter(
        ({ streams, idempotency, ...takes }) => !streams && (idempotency !== 'none' || TAKES.some((it) => takes[it])),
      )
      .map((route) => ({
        name: operationOf(route),
        n: requestsOf(tally, operationOf(route)),
        wanted: route.method === 'delete' ? Math.min(examples, DELETIONS) : examples,
      }))
      .filter(({ n, wanted }) => n < wanted)
      .map(({ name, n, wanted }) => `${name} was asked for ${n} of ${wanted} times as ${caller}.`),
  );
}

const TAKES = ['params', 'query', 'body', 'headers'] as const;

/** How many of the links that the document has were followed, and how often. */
export function followed({ administrator }: Record<Caller, Outcome>): { links: number; times: number } {
  const counts = [...administrator.tally.links.values()];
  return { links: counts.length, times: counts.reduce((sum, n) => sum + n, 0) };
}

const operations = (): string[] => mpanelRoutes.map(operationOf);
const operationOf = ({ method, path }: Route) => `${method.toUpperCase()} /api${path.replace(/:(\w+)/g, '{$1}')}`;

/** Answers that are none that the document promises, in words. */
export function faults(outcomes: Record<Caller, Outcome>): string[] {
  return [
    ...Object.entries(outcomes).flatMap(([caller, { findings }]) => (findings ? `As ${caller}:\n${findings}` : [])),
    ...Object.values(outcomes).flatMap(({ tally }) => tally.traces.map((trace) => `A stack trace: ${trace}`)),
  ];
}
