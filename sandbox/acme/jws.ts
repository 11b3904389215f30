import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { malformed, Problem } from './problem.ts';

export interface JwsHeader {
  alg: string;
  url: string;
  nonce?: string;
  jwk?: JsonWebKey;
  kid?: string;
}

export interface Jws {
  header: JwsHeader;
  payload: Buffer;
  signature: Buffer;
  signed: string;
}

const BASE64URL = /^[A-Za-z0-9_-]*$/;

/** RFC 8555 6.2: one flattened JWS without an unprotected header, base64url without padding throughout. */
export function parseJws(text: string): Jws {
  const body = parseObject(text, 'JWS');
  for (const member of Object.keys(body))
    if (!['protected', 'payload', 'signature'].includes(member))
      throw malformed(`JWS member '${member}' is not allowed`);
  const [head, payload, signature] = [body.protected, body.payload, body.signature].map(part);
  return {
    header: parseHeader(decode(head!).toString('utf8')),
    payload: decode(payload!),
    signature: decode(signature!),
    signed: `${head}.${payload}`,
  };
}

export function parseObject(text: string, what: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Answered below like any other text that is no object.
  }
  throw malformed(`${what} is not a JSON object`);
}

function part(value: unknown): string {
  if (typeof value === 'string' && BASE64URL.test(value)) return value;
  throw malformed('JWS needs protected, payload and signature in base64url without padding');
}

const decode = (text: string) => Buffer.from(text, 'base64url');

function parseHeader(text: string): JwsHeader {
  const { alg, url, nonce, jwk, kid, ...others } = parseObject(text, 'JWS protected header');
  if ('crit' in others || 'b64' in others) throw malformed('JWS header crit and b64 are not supported');
  if (typeof alg !== 'string') throw malformed('JWS header alg is missing');
  if (typeof url !== 'string') throw malformed('JWS header url is missing');
  if (nonce !== undefined && typeof nonce !== 'string') throw malformed('JWS header nonce is not a string');
  if ((jwk === undefined) === (kid === undefined)) throw malformed('JWS header needs exactly one of jwk and kid');
  if (kid !== undefined && typeof kid !== 'string') throw malformed('JWS header kid is not a string');
  if (jwk !== undefined && (typeof jwk !== 'object' || jwk === null))
    throw malformed('JWS header jwk is not an object');
  return {
    alg,
    url,
    ...(nonce === undefined ? {} : { nonce }),
    ...(jwk ? { jwk: jwk as JsonWebKey } : {}),
    ...(kid === undefined ? {} : { kid }),
  };
}

const ALGORITHMS = ['ES256', 'RS256'];

export function checkSignature(jws: Jws, jwk: JsonWebKey): void {
  const { alg } = jws.header;
  if (!ALGORITHMS.includes(alg))
    throw new Problem(400, 'badSignatureAlgorithm', `alg '${alg}' is not supported`, {
      fields: { algorithms: ALGORITHMS },
    });
  const key = publicKey(jwk);
  if ((alg === 'ES256') !== (key.asymmetricKeyType === 'ec')) throw malformed(`alg '${alg}' does not fit the key`);
  const good = verify('sha256', Buffer.from(jws.signed), { key, dsaEncoding: 'ieee-p1363' }, jws.signature);
  if (!good) throw malformed('JWS verification error');
}

function publicKey(jwk: JsonWebKey): KeyObject {
  if ('d' in jwk) throw badKey('the key is a private one');
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk, format: 'jwk' });
  } catch (error) {
    throw badKey(String(error));
  }
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  if (namedCurve !== 'prime256v1' && !(key.asymmetricKeyType === 'rsa' && (modulusLength ?? 0) >= 2048))
    throw badKey('the key must be P-256 or RSA of 2048 bits or more');
  return key;
}

const badKey = (detail: string) => new Problem(400, 'badPublicKey', detail);

/** RFC 7638: SHA-256 over the required members in alphabetical order. */
export function thumbprint(jwk: JsonWebKey): string {
  const members = jwk.kty === 'EC' ? ['crv', 'kty', 'x', 'y'] : ['e', 'kty', 'n'];
  const json = JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])));
  return createHash('sha256').update(json).digest('base64url');
}
