import type { Answer } from 'dns-packet';
import { tokensOf } from '../contents.ts';

/** A record for the wire, from its presentation format. Types that dns-packet cannot write go out as raw data. */
export function toAnswer(name: string, type: string, ttl: number, content: string): Answer {
  const fields = tokensOf(content).map(({ text }) => text);
  return { name: undotted(name), type, ttl, class: 'IN', data: dataOf(type, fields) } as Answer;
}

export function wireName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

function dataOf(type: string, fields: string[]): unknown {
  const [first = '', second = '', third = '', fourth = ''] = fields;
  switch (type) {
    case 'A':
    case 'AAAA':
      return first;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return undotted(first);
    case 'MX':
      return { preference: Number(first), exchange: undotted(second) };
    case 'SRV':
      return { priority: Number(first), weight: Number(second), port: Number(third), target: undotted(fourth) };
    case 'TXT':
      return fields.flatMap((field) => characterStrings(field));
    case 'SPF':
      return lengthPrefixed(fields.flatMap((field) => characterStrings(field)));
    case 'CAA':
      return {
        flags: Number(first),
        issuerCritical: Number(first) >= 128,
        tag: second,
        value: unescaped(third).toString(),
      };
    case 'SOA':
      return soaOf(fields);
    case 'DS':
      return {
        keyTag: Number(first),
        algorithm: Number(second),
        digestType: Number(third),
        digest: Buffer.from(fourth, 'hex'),
      };
    case 'DNSKEY':
      return { flags: Number(first), algorithm: Number(third), key: Buffer.from(fourth, 'base64') };
    case 'SSHFP':
      return { algorithm: Number(first), hash: Number(second), fingerprint: third };
    case 'TLSA':
      return {
        usage: Number(first),
        selector: Number(second),
        matchingType: Number(third),
        certificate: Buffer.from(fourth, 'hex'),
      };
    default:
      throw new Error(`no wire format for ${type}`);
  }
}

function soaOf([mname = '', rname = '', serial, refresh, retry, expire, minimum]: string[]) {
  return {
    mname: undotted(mname),
    rname: undotted(rname),
    serial: Number(serial),
    refresh: Number(refresh),
    retry: Number(retry),
    expire: Number(expire),
    minimum: Number(minimum),
  };
}

/** One quoted field as strings of at most 255 bytes (RFC 1035 3.3.14); 4.7 stores longer ones and cuts them here. */
function characterStrings(field: string): Buffer[] {
  const bytes = unescaped(field);
  const count = Math.max(1, Math.ceil(bytes.length / 255));
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * 255, (at + 1) * 255));
}

function lengthPrefixed(strings: Buffer[]): Buffer {
  return Buffer.concat(strings.flatMap((string) => [Buffer.from([string.length]), string]));
}

/** Bytes of a quoted field: \DDD is a byte, \X is X. */
function unescaped(field: string): Buffer {
  const parts = field.slice(1, -1).matchAll(/\\(\d{3})|\\(.)|([^\\]+)/gs);
  return Buffer.concat(
    [...parts].map(([, byte, sign, plain]) => (byte ? Buffer.from([Number(byte)]) : Buffer.from(sign ?? plain ?? ''))),
  );
}

function undotted(name: string): string {
  return name === '.' ? name : name.replace(/\.$/, '');
}
