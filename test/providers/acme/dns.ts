import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet, streamDecode, streamEncode } from 'dns-packet';

/**
 * A DNS server of the test's own, over UDP and TCP at one port: TXT values and aliases by lower-case name. It follows no
 * alias by itself. `asked` counts the questions.
 */
export async function startDns() {
  const txt = new Map<string, string[]>();
  const aliases = new Map<string, string>();
  const server = { asked: 0, txt, aliases };
  const reply = (query: Packet) => {
    server.asked++;
    const name = query.questions![0]!.name.toLowerCase();
    const answers = answersFor(name, txt, aliases);
    const rcode = answers.length === 0 ? 3 : 0;
    return {
      type: 'response' as const,
      id: query.id!,
      flags: AUTHORITATIVE_ANSWER | rcode,
      questions: query.questions!,
      answers,
    };
  };
  const { tcp, udp } = await listen();
  udp.on('message', (message, from) => udp.send(encode(reply(decode(message))), from.port, from.address));
  const sockets = new Set<Socket>();
  tcp.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => socket.end(streamEncode(reply(streamDecode(data)))));
  });
  return Object.assign(server, {
    address: `127.0.0.1:${udp.address().port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      tcp.close();
      udp.close();
      await Promise.all([once(tcp, 'close'), once(udp, 'close')]);
    },
  });
}

function answersFor(name: string, txt: Map<string, string[]>, aliases: Map<string, string>): Answer[] {
  const target = aliases.get(name);
  if (target) return [{ type: 'CNAME', name, ttl: 1, data: target }];
  return (txt.get(name) ?? []).map((data) => ({ type: 'TXT' as const, name, ttl: 1, data }));
}

/** The same free port for both: what TCP was given may be taken at UDP. */
async function listen() {
  for (;;) {
    const tcp = createServer().listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const udp = createSocket('udp4');
    udp.bind((tcp.address() as { port: number }).port, '127.0.0.1');
    const free = await once(udp, 'listening').then(
      () => true,
      () => false,
    );
    if (free) return { tcp, udp };
    tcp.close();
  }
}

export type Dns = Awaited<ReturnType<typeof startDns>>;
