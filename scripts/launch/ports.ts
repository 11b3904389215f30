import { createServer } from 'node:net';
import { join } from 'node:path';
import { readJson, writeJson } from './files.ts';

/**
 * Below Linux's range for outgoing connections (32768 up), so that no connection of ours sits on a chosen port, and above
 * the sandbox's (sandbox/lib/ports.ts), which chooses before the API listens.
 */
const RANGE = { from: 26_000, to: 32_767 };

/** Whether this process can listen there now. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen(port, host, () => server.close(() => answer(true)));
  });
}

export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (;;) {
    const port = RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from));
    if (!taken.has(port) && (await isFree(port))) return port;
  }
}

/** The ports of one data folder: each use keeps its port over restarts for as long as nobody else takes it. */
export class Ports {
  readonly #file: string;
  readonly #given: readonly number[];
  readonly #kept: Record<string, number>;

  /** `given` are the user's choice for one part or another, though nothing listens there yet. */
  constructor(dataDir: string, given: readonly number[]) {
    this.#given = given;
    this.#file = join(dataDir, 'ports.json');
    this.#kept = readJson<Record<string, number>>(this.#file) ?? {};
  }

  /** The port it had before, else the preferred one, else a free one. */
  async claim(use: string, preferred?: number): Promise<number> {
    const kept = Object.entries(this.#kept).flatMap(([name, port]) => (name === use ? [] : [port]));
    const others = new Set([...this.#given, ...kept]);
    for (const port of [this.#kept[use], preferred]) {
      if (port && !others.has(port) && (await isFree(port))) return this.#keep(use, port);
    }
    return this.#keep(use, await freePort(others));
  }

  #keep(use: string, port: number): number {
    this.#kept[use] = port;
    writeJson(this.#file, this.#kept);
    return port;
  }
}
