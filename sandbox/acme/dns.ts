import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { type Answer, decode, encode, type Packet, RECURSION_DESIRED, type StringAnswer } from 'dns-packet';

const ALIASES = 8;
const PATIENCE_MS = 3000;

/**
 * The TXT values at a name, the strings of one record joined, CNAMEs followed at the same server. A name that does not
 * exist has none.
 * @param server host:port, asked over UDP
 */
export async function lookupTxt(server: string, name: string, stop: AbortSignal): Promise<string[]> {
  let wanted = name;
  for (let hop = 0; hop <= ALIASES; hop++) {
    const answers = await ask(server, wanted, stop);
    const values = answers.filter((one) => one.type === 'TXT');
    const alias = answers.findLast((one): one is StringAnswer => one.type === 'CNAME');
    if (values.length > 0 || !alias) return values.map((one) => text(one.data));
    wanted = alias.data;
  }
  throw new Error(`more than ${ALIASES} aliases`);
}

function text(data: unknown): string {
  const strings = (Array.isArray(data) ? data : [data]) as (string | Buffer)[];
  return strings.map(String).join('');
}

async function ask(server: string, name: string, stop: AbortSignal): Promise<Answer[]> {
  const id = randomInt(65_536);
  const query = encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ type: 'TXT', name }],
    additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0, options: [] } as unknown as Answer],
  });
  const reply = await exchange(server, query, id, stop);
  const { rcode } = reply as Packet & { rcode: string };
  if (rcode === 'NXDOMAIN') return [];
  if (rcode !== 'NOERROR') throw new Error(rcode);
  return reply.answers ?? [];
}

async function exchange(server: string, query: Buffer, id: number, stop: AbortSignal): Promise<Packet> {
  const at = server.lastIndexOf(':');
  const socket = createSocket({ type: 'udp4', signal: stop });
  try {
    return await new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error('query timed out')), PATIENCE_MS);
      socket.once('close', () => clearTimeout(timer));
      socket.on('error', fail);
      socket.on('message', (message) => {
        const packet = decode(message);
        if (packet.id === id) done(packet);
      });
      socket.connect(Number(server.slice(at + 1)), server.slice(0, at), () => socket.send(query));
      stop.addEventListener('abort', () => fail(new Error('stopped')), { once: true });
    });
  } finally {
    if (!stop.aborted) socket.close();
  }
}
