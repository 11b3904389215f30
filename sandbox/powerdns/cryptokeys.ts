import { createHash, generateKeyPairSync } from 'node:crypto';
import { wireName } from './dns/wire.ts';

/** A combined signing key, ECDSA P-256 (algorithm 13, RFC 6605), as the cryptokeys endpoint shows it. */
export interface Cryptokey {
  type: 'Cryptokey';
  id: number;
  keytype: 'csk';
  active: boolean;
  published: boolean;
  algorithm: string;
  bits: number;
  flags: number;
  dnskey: string;
  ds: string[];
}

const FLAGS = 257;
const DIGESTS = [
  [1, 'sha1'],
  [2, 'sha256'],
  [4, 'sha384'],
] as const;

export function newCryptokey(zone: string, id: number): Cryptokey {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const rdata = Buffer.concat([Buffer.from([FLAGS >> 8, FLAGS & 255, 3, 13]), point]);
  return {
    type: 'Cryptokey',
    id,
    keytype: 'csk',
    active: true,
    published: true,
    algorithm: 'ECDSAP256SHA256',
    bits: 256,
    flags: FLAGS,
    dnskey: `${FLAGS} 3 13 ${point.toString('base64')}`,
    ds: DIGESTS.map(([number, hash]) => `${keyTag(rdata)} 13 ${number} ${digest(hash, zone, rdata)}`),
  };
}

/** RFC 4034 5.1.4: over the owner name and the DNSKEY's data. */
function digest(hash: string, zone: string, rdata: Buffer): string {
  return createHash(hash).update(wireName(zone)).update(rdata).digest('hex');
}

/** RFC 4034 appendix B. */
function keyTag(rdata: Buffer): number {
  const sum = rdata.reduce((total, byte, at) => total + (at % 2 ? byte : byte << 8), 0);
  return (sum + (sum >> 16)) & 0xffff;
}
