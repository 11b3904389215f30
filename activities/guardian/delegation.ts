import { createHash } from 'node:crypto';
import type { WeaknessKind } from '../../core/guardian.ts';
import type { SeenWeakness } from '../../db/queries/weaknesses.ts';

/** RFC 4034 A.2, RFC 4509, RFC 6605. */
const DIGESTS: Record<string, string> = { '1': 'sha1', '2': 'sha256', '4': 'sha384' };
/** Marks a key of the zone itself, the only kind that a DS may name (RFC 4034 2.1.1, 5.2). */
const ZONE_KEY = 0x0100;

interface Signing {
  name: string;
  /** DNSKEY records of the zone, in presentation format. */
  keys: string[];
  /** DS records of the parent, in presentation format; undefined where they are not known. */
  signers: string[] | undefined;
}

/** Whether resolvers that validate can, and do not have to take a zone for forged. */
export function signing({ name, keys, signers }: Signing): SeenWeakness[] {
  if (signers?.length) return isVouchedFor(name, keys, signers) ? [] : [mismatch(name, keys, signers)];
  if (keys.length === 0)
    return [{ kind: 'dns_unsigned', severity: 'low', text: `${name} is not signed (DNSSEC).`, evidence: { name } }];
  if (signers === undefined) return [];
  const text = `${name} is signed, and nobody believes it: its parent has no DS record.`;
  return [{ kind: 'dns_no_ds', severity: 'low', text, evidence: { name, keys } }];
}

/** What the DS records decide: of a zone without keys, whether it is unsigned or takes itself off the net. */
export const undecided = (keys: string[]): WeaknessKind[] => [
  keys.length ? 'dns_no_ds' : 'dns_unsigned',
  'dns_ds_mismatch',
];

function mismatch(name: string, keys: string[], ds: string[]): SeenWeakness {
  const text = `The DS records at the parent of ${name} fit none of its keys: for resolvers that validate it is not there.`;
  return { kind: 'dns_ds_mismatch', severity: 'high', text, evidence: { name, ds, keys } };
}

/** One DS that fits one key is enough (RFC 4035 5.2). */
function isVouchedFor(name: string, keys: string[], signers: string[]): boolean {
  const own = keys.map(rdataOf).filter((rdata) => rdata.readUInt16BE(0) & ZONE_KEY);
  return signers.some((ds) => own.some((rdata) => fits(ds, name, rdata)));
}

/** One whose digest nobody here can make is believed to fit the key that it names. */
function fits(ds: string, name: string, rdata: Buffer): boolean {
  const [tag, algorithm, type = '', digest] = ds.split(' ');
  if (Number(tag) !== keyTag(rdata) || Number(algorithm) !== rdata[3]) return false;
  const hash = DIGESTS[type];
  return hash === undefined || createHash(hash).update(wireName(name)).update(rdata).digest('hex') === digest;
}

function rdataOf(key: string): Buffer {
  const [flags, protocol, algorithm, encoded = ''] = key.split(' ');
  const head = Buffer.from([Number(flags) >> 8, Number(flags) & 0xff, Number(protocol), Number(algorithm)]);
  return Buffer.concat([head, Buffer.from(encoded, 'base64')]);
}

/** RFC 4034 6.2. */
function wireName(name: string): Buffer {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.');
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]), Buffer.of(0)]);
}

/** RFC 4034 appendix B. */
function keyTag(rdata: Buffer): number {
  const sum = rdata.reduce((total, byte, at) => total + (at % 2 ? byte : byte << 8), 0);
  return (sum + (sum >> 16)) & 0xffff;
}
