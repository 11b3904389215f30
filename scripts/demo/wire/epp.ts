import { connect, type TLSSocket } from 'node:tls';
import { DemoFailure } from '../failure.ts';

const SILENCE_MS = 5000;
const EPP = 'urn:ietf:params:xml:ns:epp-1.0';
const DOMAIN = 'urn:ietf:params:xml:ns:domain-1.0';

export interface EppServer {
  host: string;
  port: number;
  user: string;
  password: string;
  /** PEM of the CA of its certificate, where it is not a public one. */
  ca?: string;
}

/** <domain:infData> of RFC 5731 3.1.2, as far as it is looked at here. */
export interface DomainInfo {
  nameservers: string[];
  /** Client id of the registrar that holds it. */
  sponsor: string;
  expires: string;
}

/** Asks a registry for a domain: one session of EPP over TLS (RFC 5730, 5734). */
export async function eppInfo(server: EppServer, domain: string): Promise<DomainInfo> {
  const { host, port, user, password, ca } = server;
  const socket = connect({ host, port, ...(ca ? { ca } : {}) });
  socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error(`nothing for ${SILENCE_MS / 1000} s`)));
  const frames = readFrames(socket);
  try {
    await next(frames);
    await command(socket, frames, login(user, password));
    const object = `<info><d:info xmlns:d="${DOMAIN}"><d:name>${encoded(domain)}</d:name></d:info></info>`;
    return readInfo(await command(socket, frames, object));
  } finally {
    socket.destroy();
  }
}

function login(user: string, password: string): string {
  const who = `<clID>${encoded(user)}</clID><pw>${encoded(password)}</pw>`;
  const how = '<options><version>1.0</version><lang>en</lang></options>';
  return `<login>${who}${how}<svcs><objURI>${DOMAIN}</objURI></svcs></login>`;
}

function readInfo(xml: string): DomainInfo {
  const texts = (name: string) =>
    [...xml.matchAll(new RegExp(`<(?:\\w+:)?${name}>([^<]*)<`, 'g'))].map((m) => m[1] ?? '');
  return { nameservers: texts('hostObj'), sponsor: texts('clID')[0] ?? '', expires: texts('exDate')[0] ?? '' };
}

async function command(socket: TLSSocket, frames: AsyncIterator<string>, inner: string): Promise<string> {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><epp xmlns="${EPP}"><command>${inner}</command></epp>`;
  const header = Buffer.alloc(4);
  header.writeUInt32BE(Buffer.byteLength(xml) + header.length);
  socket.write(Buffer.concat([header, Buffer.from(xml)]));
  const answer = await next(frames);
  const [, code, message] = /<result code="(\d+)">.*?<msg[^>]*>([^<]*)</s.exec(answer) ?? [];
  if (code !== '1000') throw new DemoFailure(`the registry answers ${code} ${message}`);
  return answer;
}

async function next(frames: AsyncIterator<string>): Promise<string> {
  const { value, done } = await frames.next();
  if (done) throw new DemoFailure('the registry closed the connection');
  return value;
}

/** RFC 5734 4: four bytes of length, which counts them, before each document. */
async function* readFrames(socket: TLSSocket): AsyncGenerator<string, undefined> {
  let bytes = Buffer.alloc(0);
  for await (const piece of socket) {
    bytes = Buffer.concat([bytes, piece as Buffer]);
    while (bytes.length >= 4 && bytes.length >= bytes.readUInt32BE()) {
      const length = bytes.readUInt32BE();
      yield bytes.toString('utf8', 4, length);
      bytes = bytes.subarray(length);
    }
  }
}

const encoded = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
