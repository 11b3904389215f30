import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** The event of schemathesis' ndjson report that tells of requests and answers. */
const Finished = z.object({
  ScenarioFinished: z.object({
    recorder: z.object({
      cases: z.record(
        z.string(),
        z.object({
          value: z.object({ method: z.string(), path: z.string() }),
          /** The link that led there, and whether what it names was in the answer before. */
          transition: z.nullish(z.object({ id: z.string() })),
          is_transition_applied: z.boolean(),
        }),
      ),
      interactions: z.record(
        z.string(),
        z.object({
          response: z.nullable(
            z.object({ status_code: z.int(), content: z.nullish(z.object({ $base64: z.string() })) }),
          ),
        }),
      ),
    }),
  }),
});

/** How often each operation answered with each status, by method and path. */
export type Answers = Map<string, Map<number, number>>;

export interface Tally {
  answers: Answers;
  /** How often each link was followed: from what, to what. */
  links: Map<string, number>;
  /** Answers that show where in the code something went wrong. */
  traces: string[];
}

export const emptyTally = (): Tally => ({ answers: new Map(), links: new Map(), traces: [] });

const TRACE = /\n\s+at \S+ \(?\S+:\d+:\d+\)?|node_modules/;

export async function tally(report: string): Promise<Tally> {
  const found = emptyTally();
  for await (const line of createInterface({ input: createReadStream(report) })) {
    const event = Finished.safeParse(JSON.parse(line));
    if (event.success) add(found, event.data.ScenarioFinished.recorder);
  }
  return found;
}

type Recorder = z.output<typeof Finished>['ScenarioFinished']['recorder'];

function add({ answers, links, traces }: Tally, { cases, interactions }: Recorder): void {
  for (const [id, { response }] of Object.entries(interactions)) {
    const { value: asked, transition, is_transition_applied: applied } = cases[id] ?? {};
    if (!asked || !response) continue;
    const name = `${asked.method} ${asked.path}`;
    count(answers, name, response.status_code);
    if (transition && applied) links.set(transition.id, (links.get(transition.id) ?? 0) + 1);
    const text = Buffer.from(response.content?.$base64 ?? '', 'base64').toString();
    if (TRACE.test(text)) traces.push(`${name}: ${text.slice(0, 500)}`);
  }
}

export function count(answers: Answers, name: string, status: number, times = 1): void {
  const counts = answers.get(name) ?? new Map<number, number>();
  answers.set(name, counts.set(status, (counts.get(status) ?? 0) + times));
}

export function added(one: Tally, other: Tally): Tally {
  for (const [name, counts] of other.answers) for (const [status, n] of counts) count(one.answers, name, status, n);
  for (const [link, n] of other.links) one.links.set(link, (one.links.get(link) ?? 0) + n);
  one.traces.push(...other.traces);
  return one;
}

export const requestsOf = ({ answers }: Tally, name: string): number =>
  [...(answers.get(name)?.values() ?? [])].reduce((sum, n) => sum + n, 0);
