import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ErrorBody } from '../../api/contracts/mpanel/errors.ts';
import { openApi } from '../../api/http/openapi.ts';
import type { Say } from '../../scripts/launch/say.ts';
import { startApi } from '../api/support.ts';
import { CONFIG } from './checks.ts';
import { type Document, seeded } from './document.ts';
import { findSchemathesis } from './schemathesis.ts';
import { FUZZED, seeds } from './seeds.ts';
import { type Tally, tally } from './tally.ts';
import { signedInForGood } from './walker.ts';

export interface Options {
  /** Requests made up for each operation. */
  examples: number;
  /** Rows of its own for each operation: what one request has changed is new to the next. */
  rows: number;
  seed: number;
  /** Values at the edges of every schema as well, one by one: thorough, and long. */
  coverage: boolean;
  /** Where requests, answers and what schemathesis printed are kept. */
  dir: string;
}

export type Caller = 'nobody' | 'administrator';

export interface Outcome {
  /** What schemathesis found, as it says it; empty where it found nothing. */
  findings: string;
  tally: Tally;
}

/** What goes on until its job has ended is no call that has an answer: test/api/stream-input.test.ts has it. */
const CALLS = FUZZED.filter(({ streams }) => !streams);

/** The API on a database of its own, asked by a property-based fuzzer for everything its document says, and for what it does not. */
export async function fuzz(options: Options, say: Say): Promise<Record<Caller, Outcome>> {
  const program = await findSchemathesis(say);
  const api = await startApi({
    UNPAID_ORDERS_MAX: '1000000',
    RATE_LIMIT_LOGIN: '1000000',
    PAYMENT_WINDOW_SECONDS: '86400',
  });
  try {
    const known = await seeds(api, options.rows);
    const document = openApi(CALLS, ErrorBody, api.config) as Document;
    const token = await signedInForGood(api);
    const play = (caller: Caller, headers: string[]) =>
      runAs(caller, { ...options, program, url: api.url, headers, document: seeded(document, CALLS, known) });
    const administrator = await play('administrator', [`Authorization: Bearer ${token}`]);
    const { status } = await api.withToken(token)('GET', '/api/auth/me');
    if (status !== 200) throw new Error('The administrator was signed out on the way: what came after was refused.');
    return { administrator, nobody: await play('nobody', []) };
  } finally {
    await api.close();
  }
}

type Play = Options & { program: string; url: string; headers: string[]; document: Document };

async function runAs(caller: Caller, play: Play): Promise<Outcome> {
  const dir = join(play.dir, caller);
  mkdirSync(dir, { recursive: true });
  const [document, config, report, output] = ['openapi.json', 'schemathesis.toml', 'report.ndjson', 'output.txt'].map(
    (name) => join(dir, name),
  ) as [string, string, string, string];
  writeFileSync(document, JSON.stringify(play.document));
  writeFileSync(config, CONFIG);
  const phases = ['examples', 'fuzzing', 'stateful', ...(play.coverage ? ['coverage'] : [])];
  const child = spawn(
    play.program,
    [
      ...['--config-file', config, 'run', document, '--url', play.url, '--phases', phases.join()],
      ...['--max-examples', String(play.examples), '--seed', String(play.seed), '--no-shrink', '--continue-on-failure'],
      ...[
        '--report',
        'ndjson',
        '--report-ndjson-path',
        report,
        '--output-sanitize',
        'false',
        '--output-truncate',
        'false',
      ],
      ...play.headers.flatMap((header) => ['--header', header]),
    ],
    { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = new Promise<number>((done, fail) => child.once('error', fail).once('exit', (code) => done(code ?? 1)));
  await pipeline(child.stdout, createWriteStream(output));
  const failed = await exited;
  return { findings: failed ? findingsIn(readFileSync(output, 'utf8')) : '', tally: await tally(report) };
}

/** The part about what went wrong; everything where there is none, since it then ended before it began. */
function findingsIn(output: string): string {
  const begin = output.search(/^=+ (ERRORS|FAILURES) =+$/m);
  return begin < 0 ? output : output.slice(begin);
}
