import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Below Linux's range for outgoing connections (32768 up), and below what a launcher chooses from for its other parts. */
const RANGE = { from: 20_000, to: 25_999 };

/** Ports that stay the same over restarts, by use, for as long as nobody else takes them; `taken` is somebody's already. */
export function rememberPorts(file: string, host: string, taken?: number) {
  const known: Record<string, number> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};

  async function choose(use: string): Promise<number> {
    const before = known[use];
    if (before && before !== taken && (await isFree(before, host))) return before;
    const others = new Set([taken, ...Object.values(known)]);
    for (;;) {
      const port = RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from));
      if (!others.has(port) && (await isFree(port, host))) return port;
    }
  }

  return {
    async take(use: string): Promise<number> {
      known[use] = await choose(use);
      writeFileSync(file, JSON.stringify(known, null, 2));
      return known[use];
    },
  };
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen(port, host, () => server.close(() => answer(true)));
  });
}
