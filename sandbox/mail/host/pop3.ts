import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StandIn } from '../../lib/stand-in.ts';
import type { Directory } from './directory.ts';
import type { Maildirs } from './maildirs.ts';
import { Pop3Session } from './session.ts';

/** A POP3 server without TLS (RFC 1939, 2449). Operations are "POP3 VERB". */
export async function servePop3(
  self: StandIn,
  at: { host: string; port: number },
  directory: Directory,
  maildirs: Maildirs,
) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    converse(self, socket, new Pop3Session(directory, maildirs)).catch(() => socket.destroy());
  });
  server.listen(at.port, at.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `${at.host}:${port}`,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Line by line, in order; a client that resets ends its own session. */
async function converse(self: StandIn, socket: Socket, session: Pop3Session): Promise<void> {
  socket.on('error', () => socket.destroy());
  socket.write('+OK sandbox POP3 ready\r\n');
  for await (const line of createInterface({ input: socket })) {
    const verb = line.split(' ', 1)[0]?.toUpperCase() ?? '';
    const reply = await answer(self, session, verb, line);
    if (reply === undefined) return void socket.destroy();
    socket.write(reply, 'latin1');
    if (verb === 'QUIT') return void socket.end();
  }
}

async function answer(self: StandIn, session: Pop3Session, verb: string, line: string): Promise<string | undefined> {
  const operation = `POP3 ${verb}`;
  const fault = self.faults.take(operation, 'before');
  if (fault?.kind === 'delay') await sleep(fault.ms);
  const reply =
    fault?.kind === 'drop' ? undefined : fault?.kind === 'status' ? '-ERR [SYS/TEMP]\r\n' : await session.reply(line);
  const request = verb === 'PASS' ? 'PASS ***' : line;
  self.log.append({ operation, request, response: reply?.split('\r\n', 1)[0], ...(fault ? { fault } : {}) });
  return reply;
}
