import { type ConnectionOptions, checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { ProviderError } from '../../core/errors.ts';
import type { TlsTarget, TlsVersion, TlsView } from './port.ts';

/** One handshake; whatever the certificate is, it is looked at rather than refused. */
export function probeTls(target: TlsTarget, timeoutMs: number): Promise<TlsView> {
  return handshake(target, timeoutMs, {}, (socket) => view(socket, target.name));
}

/** Codes of those who are not there to ask; any other end of a handshake is a server's no. */
const SILENT = new Set(['TIMEOUT', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);
/** Of OpenSSL, which by itself does not even offer the versions of before 1.2. */
const ANY_LEVEL = { ciphers: 'DEFAULT:@SECLEVEL=0' };

export async function acceptsTls(target: TlsTarget, version: TlsVersion, timeoutMs: number): Promise<boolean> {
  const only = { minVersion: version, maxVersion: version, ...ANY_LEVEL };
  return handshake(target, timeoutMs, only, () => true).catch((error: unknown) => {
    if (error instanceof ProviderError && !SILENT.has(error.code ?? '')) return false;
    throw error;
  });
}

function handshake<T>(
  { address, port, name, roots }: TlsTarget,
  timeoutMs: number,
  options: ConnectionOptions,
  done: (socket: TLSSocket) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) => {
      clearTimeout(deadline);
      socket.destroy();
      const detail = `no TLS handshake as ${name} with ${address}:${port} (${why})`;
      reject(new ProviderError({ provider: 'probe', operation: 'tls', kind: 'unavailable', detail, code: why, cause }));
    };
    const socket = connect({
      host: address,
      port,
      servername: name,
      rejectUnauthorized: false,
      ...(roots.length ? { ca: roots } : {}),
      ...options,
    });
    // Of the whole handshake: a socket's own timeout begins anew with every byte.
    const deadline = setTimeout(() => fail('TIMEOUT'), timeoutMs);
    socket.once('secureConnect', () => {
      clearTimeout(deadline);
      resolve(done(socket));
      socket.destroySoon();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message, error));
    socket.once('close', () => fail('CLOSED'));
  });
}

function view(socket: TLSSocket, name: string): TlsView {
  const leaf = socket.getPeerCertificate();
  return {
    trusted: socket.authorized,
    error: socket.authorized ? undefined : reason(socket, name, leaf),
    serial: leaf.serialNumber.toLowerCase(),
    notAfter: new Date(leaf.valid_to),
    issuer: [leaf.issuer.CN ?? Object.values(leaf.issuer)].flat().join(', '),
  };
}

// Of a name that does not match the socket keeps only the code.
function reason(socket: TLSSocket, name: string, leaf: PeerCertificate): string {
  const code = String(socket.authorizationError);
  return (code === 'ERR_TLS_CERT_ALTNAME_INVALID' && checkServerIdentity(name, leaf)?.message) || code;
}
