import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { DataConverter, Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { decrypt, encrypt } from './cipher.ts';
import type { Key, KeyRing } from './keys.ts';

/** As Temporal's own samples mark what is encrypted; its UI and CLI show these two. */
const ENCODING = Buffer.from('binary/encrypted');
const KEY_ID = 'encryption-key-id';
const CONTEXT = 'mpanel payload';

type Metadata = NonNullable<Payload['metadata']>;

/** What Clients and Workers turn values into payloads with: JSON as usual, then encrypted. */
export function createDataConverter(ring: KeyRing): DataConverter {
  return { payloadCodecs: [createPayloadCodec(ring)] };
}

/**
 * The same for Workers. What cannot be decrypted is left as it is: who needs it fails all the same, and who does not, a
 * signal that only says "look", goes on.
 */
export function createWorkerDataConverter(ring: KeyRing, unreadable: Unreadable): DataConverter {
  const { encode, decode } = createPayloadCodec(ring);
  async function decodeOne(payload: Payload, context: SerializationContext | undefined): Promise<Payload> {
    try {
      return (await decode([payload]))[0]!;
    } catch (error) {
      unreadable(error as Error, context);
      return payload;
    }
  }
  const tolerant = (payloads: Payload[], context?: SerializationContext) =>
    Promise.all(payloads.map((payload) => decodeOne(payload, context)));
  return { payloadCodecs: [{ encode, decode: tolerant }] };
}

/** Told of what cannot be decrypted, and of what it was said to. */
export type Unreadable = (error: Error, context: SerializationContext | undefined) => void;

/**
 * Encrypts every payload before it leaves for Temporal: AES-256-GCM under a key derived from the seal key. What is not
 * encrypted is decoded to itself, so that runs begun without it go on.
 */
export function createPayloadCodec(ring: KeyRing): PayloadCodec {
  const derived = new Map<string, KeyObject>();

  function keyFor({ id, secret }: Key): KeyObject {
    const key = derived.get(id) ?? createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', CONTEXT, 32)));
    derived.set(id, key);
    return key;
  }

  function close(payload: Payload): Payload {
    const { current } = ring;
    const metadata = { encoding: ENCODING, [KEY_ID]: Buffer.from(current.id) };
    return { metadata, data: encrypt(keyFor(current), pack(payload), CONTEXT) };
  }

  function open(payload: Payload): Payload {
    const { encoding, [KEY_ID]: keyId } = payload.metadata ?? {};
    if (!encoding || !ENCODING.equals(encoding)) return payload;
    const key = ring.get(Buffer.from(keyId ?? []).toString());
    return unpack(decrypt(keyFor(key), payload.data ?? new Uint8Array(), CONTEXT));
  }

  return {
    encode: async (payloads) => payloads.map(close),
    decode: async (payloads) => payloads.map(open),
  };
}

/** Length of the metadata (2 bytes) ‖ metadata as JSON with values in base64 ‖ data. */
function pack({ metadata, data }: Payload): Buffer {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  const head = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(head.length);
  return Buffer.concat([length, head, data ?? new Uint8Array()]);
}

function unpack(packed: Buffer): Payload {
  const end = 2 + packed.readUInt16BE();
  const entries = Object.entries(JSON.parse(packed.toString('utf8', 2, end)) as Record<string, string>);
  const metadata: Metadata = Object.fromEntries(entries.map(([name, value]) => [name, Buffer.from(value, 'base64')]));
  return { metadata, data: packed.subarray(end) };
}

/**
 * A copy of whatever holds payloads, such as a history as `fetchHistory` answers it, with each of them decoded: what a
 * replay without the key needs, and what a person can read.
 */
export async function decodePayloads<T>(value: T, codec: PayloadCodec): Promise<T> {
  if (isPayload(value)) return (await codec.decode([value]))[0] as T;
  if (Array.isArray(value)) return (await Promise.all(value.map((entry) => decodePayloads(entry, codec)))) as T;
  if (!isPlain(value)) return value;
  const entries = await Promise.all(
    Object.entries(value).map(async ([name, entry]) => [name, await decodePayloads(entry, codec)] as const),
  );
  return Object.fromEntries(entries) as T;
}

function isPayload(value: unknown): value is Payload {
  const metadata = (value as Payload | null)?.metadata;
  return metadata?.encoding instanceof Uint8Array;
}

/** Messages of protobufjs, whose own fields are theirs, and plain objects; not bytes, dates and 64-bit numbers. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !('unsigned' in value);
}
