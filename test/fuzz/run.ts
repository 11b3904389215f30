import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ErrorBody } from '../../api/contracts/mpanel/errors.ts';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import { openApi } from '../../api/http/openapi.ts';
import type { Say } from '../../scripts/launch/say.ts';
import { type House, openHouse } from '../api/oidc-house.ts';
import { byHand } from './by-hand.ts';
import { ALONG_LINKS, MADE_UP } from './checks.ts';
import { type Document, linked, seeded } from './document.ts';
import { findSchemathesis } from './schemathesis.ts';
import { creates, openShop, seeds } from './seeds.ts';
import { added, type Tally, tally } from './tally.ts';
import { signedInForGood } from './walker.ts';

/** Ways along the links, at least: of few hardly any link is on. */
const SCENARIOS = 60;

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
const CALLS = mpanelRoutes.filter(({ streams }) => !streams);

const SETTINGS = { UNPAID_ORDERS_MAX: '1000000', RATE_LIMIT_LOGIN: '1000000', PAYMENT_WINDOW_SECONDS: '86400' };

/** The API on a database of its own, asked by a property-based fuzzer for everything its document says, and for what it does not. */
export async function fuzz(options: Options, say: Say): Promise<Record<Caller, Outcome>> {
  const program = await findSchemathesis(say);
  const house = await openHouse(SETTINGS);
  const { api } = house;
  try {
    const { document, links, token, done } = await prepare(house, options.rows);
    const common = { ...options, program, url: api.url };
    const phases = ['examples', 'fuzzing', 'stateful', ...(options.coverage ? ['coverage'] : [])];
    const whole = { ...common, document, phases, config: MADE_UP };
    const headers = [`Authorization: Bearer ${token}`];
    const administrator = await run('administrator', { ...whole, headers });
    const examples = Math.max(options.examples, SCENARIOS);
    const along = { ...common, document: links, phases: ['stateful'], examples, config: ALONG_LINKS };
    const ways = await run('links', { ...along, headers });
    const { status } = await api.withToken(token)('GET', '/api/auth/me');
    if (status !== 200) throw new Error('The administrator was signed out on the way: what came after was refused.');
    return {
      administrator: together(administrator, ways, done),
      nobody: await run('nobody', { ...whole, headers: [] }),
    };
  } finally {
    await house.close();
  }
}

/** Does what no fuzzer finds, and makes the documents that tell it of what is there. */
async function prepare(house: House, rows: number) {
  const { api } = house;
  const exampleOf = await openShop(api, 60 * rows);
  const done = await byHand(house, exampleOf);
  const plain = openApi(CALLS, ErrorBody, api.config) as Document;
  const document = seeded(plain, CALLS, await seeds(api, exampleOf, rows));
  const links = linked(seeded(plain, CALLS, await creates(exampleOf, 4 * rows)));
  return { document, links, done, token: await signedInForGood(api) };
}

function together(one: Outcome, other: Outcome, done: Tally): Outcome {
  return { findings: one.findings + other.findings, tally: added(added(one.tally, other.tally), done) };
}

type Play = Pick<Options, 'examples' | 'seed' | 'dir'> & {
  program: string;
  url: string;
  headers: string[];
  document: Document;
  phases: string[];
  config: string;
};

async function run(name: string, play: Play): Promise<Outcome> {
  const dir = join(play.dir, name);
  mkdirSync(dir, { recursive: true });
  const [document, config, report, output] = ['openapi.json', 'schemathesis.toml', 'report.ndjson', 'output.txt'].map(
    (file) => join(dir, file),
  ) as [string, string, string, string];
  writeFileSync(document, JSON.stringify(play.document));
  writeFileSync(config, play.config);
  const child = spawn(
    play.program,
    [
      ...['--config-file', config, 'run', document, '--url', play.url, '--phases', play.phases.join()],
      ...['--max-examples', String(play.examples), '--seed', String(play.seed), '--no-shrink', '--continue-on-failure'],
      ...['--report', 'ndjson', '--report-ndjson-path', report],
      ...['--output-sanitize', 'false', '--output-truncate', 'false'],
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
