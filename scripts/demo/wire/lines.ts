import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { DemoFailure } from '../failure.ts';

const SILENCE_MS = 5000;

/** A TCP conversation in lines. */
export interface Lines {
  send(line: string): void;
  /** The next line; throws DemoFailure when none comes. */
  next(): Promise<string>;
  close(): void;
}

export function openLines(address: string): Lines {
  const [host, port] = address.split(':');
  const socket = connect({ host: host ?? '', port: Number(port) });
  let trouble = 'the connection was closed';
  socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error(`nothing for ${SILENCE_MS / 1000} s`)));
  socket.on('error', (error) => {
    trouble = error.message;
  });
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  return {
    send: (line) => void socket.write(`${line}\r\n`),
    async next() {
      const { value, done } = await lines.next();
      if (done) throw new DemoFailure(`${address}: ${trouble}`);
      return String(value);
    },
    close: () => socket.destroy(),
  };
}
