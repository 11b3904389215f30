import { lookup as systemLookup } from 'node:dns';
import { type IncomingMessage, request as inClear } from 'node:http';
import { request as overTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublic } from './public-address.ts';

const MAX_BYTES = 1_048_576;
const DEADLINE_MS = 10_000;

type Lookup = typeof systemLookup;
export type GuardedFetch = (address: string, init: object) => Promise<Response>;

/**
 * `fetch` for addresses that tenants choose: over TLS to public addresses only, following no redirect, 1 MiB at most within
 * ten seconds. Judged is the very address that is connected to: a name cannot be another's between the look and the call.
 * Where to go with `inside`, origins such as https://id.internal, the operator knows: they may be anywhere, in clear too.
 * Rejects with a TypeError, as fetch does.
 */
export function guardedFetch(inside: readonly string[], lookup: Lookup = systemLookup): GuardedFetch {
  return async (address, init) => {
    const asked = new Request(address, init);
    const url = new URL(asked.url);
    const isKnown = inside.includes(url.origin);
    if (!isKnown) refuseHidden(url);
    const body = Buffer.from(await asked.arrayBuffer());
    const signal = AbortSignal.any([asked.signal, AbortSignal.timeout(DEADLINE_MS)]);
    return new Promise<Response>((resolve, reject) => {
      const fail = (error: unknown) => {
        const cause = signal.aborted ? signal.reason : error;
        reject(new TypeError(`no answer from ${url.origin}`, { cause }));
      };
      const options = {
        method: asked.method,
        headers: Object.fromEntries(asked.headers),
        // A connection that is kept would be one whose address nobody judges again.
        agent: false as const,
        signal,
        ...(isKnown ? {} : { lookup: publicOnly(lookup) }),
      };
      const send = url.protocol === 'https:' ? overTls : inClear;
      send(url, options, (answer) => read(answer).then(resolve, fail))
        .on('error', fail)
        .end(body);
    });
  };
}

function refuseHidden({ protocol, hostname, origin }: URL): void {
  if (protocol !== 'https:') throw new TypeError(`${origin} is without TLS`);
  // No name is looked up where there is none.
  if (isHidden(hostname)) throw new TypeError(`${origin} is not a public address`);
}

/** Whether the host of a URL is an address that is not public; a name is not looked up. */
export function isHidden(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && !isPublic(host);
}

const publicOnly =
  (lookup: Lookup): LookupFunction =>
  (name, options, done) =>
    lookup(name, { ...options, all: true }, (error, found) => {
      const [first] = found ?? [];
      if (error || !first) return done(error ?? new Error(`${name} has no address`), '');
      const hidden = found.find(({ address }) => !isPublic(address));
      if (hidden) return done(new Error(`${name} leads to ${hidden.address}, which is not public`), '');
      return options.all ? done(null, found) : done(null, first.address, first.family);
    });

async function read(answer: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new RangeError(`more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  const headers = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return new Response(size ? Buffer.concat(chunks) : null, { status: answer.statusCode ?? 0, headers });
}
