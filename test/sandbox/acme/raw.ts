import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { FlattenedSign, type JWK } from 'jose';

export interface Keys {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export const newKeys = (): Keys => generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const rsaKeys = (modulusLength: number): Keys => generateKeyPairSync('rsa', { modulusLength });
export const jwkOf = ({ publicKey }: Keys) => publicKey.export({ format: 'jwk' }) as JWK;

/** What a test bends: members of the protected header, of the body, of the HTTP headers. */
export interface Bends {
  header?: Record<string, unknown>;
  body?: Record<string, unknown>;
  http?: Record<string, string>;
  payload?: string;
}

/** Speaks to a CA by hand, so that every rule can be broken. Answers { status, problem type without URN, body, headers }. */
export async function raw(directoryUrl: string) {
  const directory = (await (await fetch(directoryUrl)).json()) as Record<string, string>;
  const nonce = async () => (await fetch(directory.newNonce!, { method: 'HEAD' })).headers.get('replay-nonce')!;

  async function post(url: string, signer: Keys & { kid?: string }, payload: unknown, bends: Bends = {}) {
    const identity = signer.kid ? { kid: signer.kid } : { jwk: jwkOf(signer) };
    const alg = signer.privateKey.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
    const header = { alg, url, nonce: await nonce(), ...identity, ...bends.header };
    const text = bends.payload ?? (payload === undefined ? '' : JSON.stringify(payload));
    const jws = await new FlattenedSign(new TextEncoder().encode(text))
      .setProtectedHeader(header)
      .sign(signer.privateKey);
    return send(url, { ...jws, ...bends.body }, bends.http);
  }

  async function send(url: string, body: object, http?: Record<string, string>) {
    const headers = { 'content-type': 'application/jose+json', 'user-agent': 'test', ...http };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await response.text();
    const answer = (text ? JSON.parse(text) : {}) as Record<string, unknown>;
    const problem = String(answer.type ?? '').replace('urn:ietf:params:acme:error:', '');
    return { status: response.status, problem, body: answer, headers: response.headers };
  }

  /** A key with a registered account. */
  async function register(keys = newKeys()) {
    const { headers } = await post(directory.newAccount!, keys, { termsOfServiceAgreed: true });
    return { ...keys, kid: headers.get('location')! };
  }

  return { directory, nonce, post, send, register };
}

export type Raw = Awaited<ReturnType<typeof raw>>;
