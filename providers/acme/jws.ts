import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, FlattenedSign, type JWK } from 'jose';

/** The account's key, with its URL once there is an account. */
export interface Signer {
  keyPem: string;
  url?: string;
}

/**
 * RFC 8555 6.2: the request as a flattened JWS, signed ES256 or RS256 by the kind of key.
 * @param payload undefined for a POST-as-GET
 */
export async function sign(signer: Signer, url: string, nonce: string, payload: object | undefined): Promise<string> {
  const key = createPrivateKey(signer.keyPem);
  const identity = signer.url ? { kid: signer.url } : { jwk: publicJwk(key) };
  const body = new TextEncoder().encode(payload === undefined ? '' : JSON.stringify(payload));
  const alg = key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
  return JSON.stringify(await new FlattenedSign(body).setProtectedHeader({ alg, nonce, url, ...identity }).sign(key));
}

/** RFC 8555 8.4: what the TXT record must hold. */
export async function txtValue(keyPem: string, token: string): Promise<string> {
  const print = await calculateJwkThumbprint(publicJwk(createPrivateKey(keyPem)));
  return createHash('sha256').update(`${token}.${print}`).digest('base64url');
}

function publicJwk(key: KeyObject): JWK {
  return createPublicKey(key).export({ format: 'jwk' }) as JWK;
}
