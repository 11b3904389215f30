import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import packet, { type Answer, type DecodedPacket } from 'dns-packet';
import { ProviderError } from '../../core/errors.ts';
import type { Probe, ProbedType } from './port.ts';

type Server = Parameters<Probe['dns']>[0];
interface Question {
  id: number;
  name: string;
  type: ProbedType;
}

/** How often a question is sent over UDP, where a datagram may get lost. */
const ATTEMPTS = 3;

export async function probeDns(server: Server, name: string, type: ProbedType, timeoutMs: number): Promise<string[]> {
  const question = { id: randomInt(65536), name: name.replace(/\.$/, '').toLowerCase(), type };
  const overUdp = await askUdp(server, question, timeoutMs);
  const answer = overUdp.flag_tc ? await askTcp(server, question, timeoutMs) : overUdp;
  // Decoded, though the types do not know it.
  const { rcode } = answer as DecodedPacket & { rcode: string };
  if (rcode === 'NXDOMAIN') return [];
  if (rcode !== 'NOERROR') throw failed(server, question, rcode);
  return (answer.answers ?? []).filter((record) => record.type === type).map(present);
}

function askUdp(server: Server, question: Question, timeoutMs: number): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(server.address.includes(':') ? 'udp6' : 'udp4');
    const query = packet.encode(message(question));
    const end = (settle: () => void) => {
      clearInterval(again);
      clearTimeout(deadline);
      socket.close();
      settle();
    };
    const fail = (why: string) => end(() => reject(failed(server, question, why)));
    const send = () => socket.send(query);
    const again = setInterval(send, timeoutMs / ATTEMPTS);
    const deadline = setTimeout(() => fail('TIMEOUT'), timeoutMs);
    // A connected socket takes datagrams of this server alone.
    socket.connect(server.port, server.address, send);
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.on('message', (bytes) => {
      const answer = decoded(() => packet.decode(bytes), question);
      if (answer) end(() => resolve(answer));
    });
  });
}

function askTcp(server: Server, question: Question, timeoutMs: number): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, server.address, () => socket.write(packet.streamEncode(message(question))));
    const fail = (why: string) => {
      clearTimeout(deadline);
      socket.destroy();
      reject(failed(server, question, why));
    };
    const deadline = setTimeout(() => fail('TIMEOUT'), timeoutMs);
    let received = Buffer.alloc(0);
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.on('close', () => fail('CLOSED'));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const answer = decoded(() => packet.decode(received.subarray(2)), question);
      if (!answer) return fail('MALFORMED');
      clearTimeout(deadline);
      socket.destroy();
      resolve(answer);
    });
  });
}

const message = ({ id, name, type }: Question): packet.Packet => ({
  type: 'query',
  id,
  flags: packet.RECURSION_DESIRED,
  questions: [{ name, type, class: 'IN' }],
});

/** The answer to this question; undefined for anything else that may arrive, such as a late or forged one. */
function decoded(decode: () => DecodedPacket, { id, name, type }: Question): DecodedPacket | undefined {
  try {
    const answer = decode();
    const asked = answer.questions?.[0];
    return answer.id === id && asked?.type === type && asked.name.toLowerCase() === name ? answer : undefined;
  } catch {
    return undefined;
  }
}

function failed({ address, port }: Server, { name, type }: Question, why: string): ProviderError {
  const detail = `no answer for ${name} ${type} from ${address}:${port} (${why})`;
  return new ProviderError({ provider: 'probe', operation: 'dns', kind: 'unavailable', detail, code: why });
}

const dotted = (name: string) => (name === '.' ? name : `${name.toLowerCase()}.`);

function present(record: Answer): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.data;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return dotted(record.data);
    case 'MX':
      return `${record.data.preference ?? 0} ${dotted(record.data.exchange)}`;
    case 'SRV':
      return `${record.data.priority ?? 0} ${record.data.weight ?? 0} ${record.data.port} ${dotted(record.data.target)}`;
    case 'TXT':
      return Buffer.concat([record.data].flat().map((string) => Buffer.from(string))).toString('utf8');
    case 'CAA':
      return `${record.data.flags ?? 0} ${record.data.tag} "${record.data.value}"`;
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
      return `${dotted(mname)} ${dotted(rname)} ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
    }
    case 'DNSKEY':
      return `${record.data.flags} 3 ${record.data.algorithm} ${record.data.key.toString('base64')}`;
    case 'DS':
      return `${record.data.keyTag} ${record.data.algorithm} ${record.data.digestType} ${record.data.digest.toString('hex')}`;
    default:
      throw new TypeError(`no presentation of ${record.type}`);
  }
}
