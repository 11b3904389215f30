import { createServer } from 'node:net';
import { join } from 'node:path';
import { readJson, writeJson } from './files.ts';

/** Below Linux's range for outgoing connections (32768 up), so that no connection of ours sits on a chosen port. */
const RANGE = { from: 20_000, to: 32_767 };

/** Whether this process can listen there now. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen(port, host, () => server.close(() => answer(true)));
  });
}

export async function freePort(): Promise<number> {
  for (;;) {
    const port = RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from));
    if (await isFree(port)) return port;
  }
}

/** The ports of one data folder: each use keeps its port over restarts for as long as nobody else takes it. */
export class Ports {
  readonly #file: string;
  readonly #kept: Record<string, number>;

  constructor(dataDir: string) {
    this.#file = join(dataDir, 'ports.json');
    this.#kept = readJson<Record<string, number>>(this.#file) ?? {};
  }

  /** The port it had before, else the preferred one, else a free one. */
  async claim(use: string, preferred?: number): Promise<number> {
    const others = new Set(Object.entries(this.#kept).flatMap(([name, port]) => (name === use ? [] : [port])));
    for (const port of [this.#kept[use], preferred]) {
      if (port && !others.has(port) && (await isFree(port))) return this.#keep(use, port);
    }
    return this.#keep(use, await freePort());
  }

  #keep(use: string, port: number): number {
    this.#kept[use] = port;
    writeJson(this.#file, this.#kept);
    return port;
  }
}
