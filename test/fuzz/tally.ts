import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** The event of schemathesis' ndjson report that tells of requests and answers. */
const Finished = z.object({
  ScenarioFinished: z.object({
    recorder: z.object({
      cases: z.record(z.string(), z.object({ value: z.object({ method: z.string(), path: z.string() }) })),
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
export interface Tally {
  answers: Map<string, Map<number, number>>;
  /** Answers that show where in the code something went wrong. */
  traces: string[];
}

const TRACE = /\n\s+at \S+ \(?\S+:\d+:\d+\)?|node_modules/;

export async function tally(report: string): Promise<Tally> {
  const found: Tally = { answers: new Map(), traces: [] };
  for await (const line of createInterface({ input: createReadStream(report) })) {
    const event = Finished.safeParse(JSON.parse(line));
    if (event.success) add(found, event.data.ScenarioFinished.recorder);
  }
  return found;
}

type Recorder = z.output<typeof Finished>['ScenarioFinished']['recorder'];

function add({ answers, traces }: Tally, { cases, interactions }: Recorder): void {
  for (const [id, { response }] of Object.entries(interactions)) {
    const asked = cases[id]?.value;
    if (!asked || !response) continue;
    const name = `${asked.method} ${asked.path}`;
    const counts = answers.get(name) ?? new Map<number, number>();
    answers.set(name, counts.set(response.status_code, (counts.get(response.status_code) ?? 0) + 1));
    const text = Buffer.from(response.content?.$base64 ?? '', 'base64').toString();
    if (TRACE.test(text)) traces.push(`${name}: ${text.slice(0, 500)}`);
  }
}
