import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { StandIn } from '../../lib/stand-in.ts';
import type { Zones } from '../zones.ts';
import { respond } from './respond.ts';

const BIND_TRIES = 10;

/** DNS over UDP and TCP (RFC 1035 4.2, RFC 7766) on one port number. */
export async function serveDns(self: StandIn, zones: Zones, at: { host: string; port: number }) {
  const connections = new Set<Socket>();
  const tcp = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    // A client that resets its connection is its own affair.
    socket.on('error', () => socket.destroy());
    readMessages(socket, async (message) => {
      const answer = await respond(self, zones, message, 'tcp');
      if (!answer) return socket.destroy();
      socket.write(Buffer.concat([lengthOf(answer), answer]));
    });
  });
  const udp = await bindBoth(tcp, at);
  let open = true;
  udp.on('message', async (message, peer) => {
    const answer = await respond(self, zones, message, 'udp');
    if (answer && open) udp.send(answer, peer.port, peer.address);
  });
  return {
    address: `${at.host}:${udp.address().port}`,
    async close() {
      open = false;
      for (const socket of connections) socket.destroy();
      await Promise.all([new Promise((done) => tcp.close(done)), new Promise<void>((done) => udp.close(done))]);
    },
  };
}

/** A port free for TCP may be taken for UDP: another is tried then. */
async function bindBoth(tcp: Server, { host, port }: { host: string; port: number }): Promise<UdpSocket> {
  for (let attempt = 1; ; attempt++) {
    tcp.listen(attempt === 1 ? port : 0, host);
    await once(tcp, 'listening');
    const udp = createSocket('udp4');
    try {
      udp.bind((tcp.address() as AddressInfo).port, host);
      await once(udp, 'listening');
      return udp;
    } catch (error) {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
      if (attempt === BIND_TRIES) throw error;
    }
  }
}

function readMessages(socket: Socket, handle: (message: Buffer) => Promise<unknown>): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      void handle(pending.subarray(2, end));
      pending = pending.subarray(end);
    }
  });
}

function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return length;
}
