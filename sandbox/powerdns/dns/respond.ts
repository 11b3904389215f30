import { setTimeout as sleep } from 'node:timers/promises';
import * as dns from 'dns-packet';
import type { StandIn } from '../../lib/stand-in.ts';
import type { Zones } from '../zones.ts';
import { type Rcode, type Resolved, resolve } from './resolve.ts';

export type Transport = 'udp' | 'tcp';

const RCODES: Record<Rcode, number> = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
const AA = 1 << 10;
const TC = 1 << 9;
const RD = 1 << 8;
/** RFC 1035 4.2.1 without EDNS; the common limit against fragments (and PowerDNS' default) with it. */
const PLAIN_LIMIT = 512;
const EDNS_LIMIT = 1232;

/** The bytes that answer a query, or undefined where none go out (no DNS message, or a fault that swallows it). */
export async function respond(self: StandIn, zones: Zones, message: Buffer, transport: Transport) {
  const query = decode(message);
  const question = query?.questions?.[0];
  if (!query || !question) return undefined;
  const name = `${question.name.toLowerCase().replace(/\.$/, '')}.`;
  const operation = `DNS ${question.type} ${name}`;
  const request = { transport, id: query.id, name: question.name };
  const fault = self.faults.take(operation, 'before');
  if (fault?.kind === 'delay') await sleep(fault.ms);
  if (fault?.kind === 'drop' || self.faults.switched('no-answer', operation)) {
    self.log.append({ operation, request, response: 'no answer', fault: fault ?? 'no-answer' });
    return undefined;
  }
  const failing = self.faults.switched('servfail', operation);
  const resolved = failing ? failure('SERVFAIL') : answerTo(query, question, zones, name);
  self.log.append({ operation, request, response: resolved, ...(failing ? { fault: 'servfail' } : {}) });
  return encode(query, resolved, transport);
}

function decode(message: Buffer): dns.DecodedPacket | undefined {
  try {
    const query = dns.decode(message);
    return query.flag_qr ? undefined : query;
  } catch {
    // Not DNS: a name server stays silent rather than reflect junk.
    return undefined;
  }
}

function answerTo(query: dns.DecodedPacket, question: dns.Question, zones: Zones, name: string): Resolved {
  const opcode = ((query.flags ?? 0) >> 11) & 15;
  if (opcode !== 0) return failure('NOTIMP');
  if (question.class !== 'IN') return failure('REFUSED');
  return resolve(zones, name, question.type);
}

function failure(rcode: Rcode): Resolved {
  return { rcode, authoritative: false, answers: [], authorities: [] };
}

function encode(query: dns.DecodedPacket, resolved: Resolved, transport: Transport): Buffer {
  const edns = query.additionals?.find((record): record is dns.OptAnswer => record.type === 'OPT');
  const flags = RCODES[resolved.rcode] | (resolved.authoritative ? AA : 0) | (query.flag_rd ? RD : 0);
  const packet: dns.Packet = {
    type: 'response',
    id: query.id ?? 0,
    flags,
    questions: query.questions ?? [],
    answers: resolved.answers,
    authorities: resolved.authorities,
    additionals: edns ? [OPT] : [],
  };
  const bytes = dns.encode(packet);
  const limit = edns ? Math.min(Math.max(edns.udpPayloadSize, PLAIN_LIMIT), EDNS_LIMIT) : PLAIN_LIMIT;
  if (transport === 'tcp' || bytes.length <= limit) return bytes;
  return dns.encode({ ...packet, flags: flags | TC, answers: [], authorities: [] });
}

const OPT: dns.OptAnswer = {
  name: '.',
  type: 'OPT',
  udpPayloadSize: EDNS_LIMIT,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};
