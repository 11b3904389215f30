import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import * as dns from 'dns-packet';

const RD = 1 << 8;

type Answered = dns.DecodedPacket & { rcode: string };

/** Asks a DNS server at `host:port` over UDP. Never answers where the server does not. */
export async function askUdp(address: string, name: string, type: string, { edns = 0 } = {}): Promise<Answered> {
  const [host = '', port] = address.split(':');
  const socket = createSocket('udp4');
  try {
    socket.send(query(name, type, edns), Number(port), host);
    const [message] = (await once(socket, 'message')) as [Buffer];
    return dns.decode(message) as Answered;
  } finally {
    socket.close();
  }
}

/** Asks over TCP; an Error where the connection ends without an answer. */
export async function askTcp(address: string, name: string, type: string): Promise<Answered> {
  const [host = '', port] = address.split(':');
  const socket = connect(Number(port), host);
  const message = query(name, type, 0);
  socket.write(Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]));
  let received = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) break;
  }
  if (received.length === 0) throw new Error('closed without an answer');
  return dns.decode(received.subarray(2)) as Answered;
}

/** Contents of the answers as `TYPE data` lines. */
export function lines(answer: Answered): string[] {
  return (answer.answers ?? []).map((record) => `${record.type} ${'data' in record ? shown(record.data) : ''}`);
}

function shown(data: unknown): string {
  if (Array.isArray(data)) return data.map(String).join('|');
  return typeof data === 'object' ? JSON.stringify(data) : String(data);
}

function query(name: string, type: string, edns: number): Buffer {
  const opt = {
    name: '.',
    type: 'OPT',
    udpPayloadSize: edns,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
  } as dns.OptAnswer;
  return dns.encode({
    type: 'query',
    id: 4711,
    flags: RD,
    questions: [{ name, type: type as dns.RecordType, class: 'IN' }],
    additionals: edns ? [{ ...opt, flag_do: false, options: [] }] : [],
  });
}
