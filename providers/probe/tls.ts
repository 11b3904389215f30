import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { ProviderError } from '../../core/errors.ts';
import type { Probe, TlsView } from './port.ts';

type Target = Parameters<Probe['tls']>[0];

/** One handshake; whatever the certificate is, it is looked at rather than refused. */
export function probeTls(target: Target, timeoutMs: number): Promise<TlsView> {
  const { address, port, name, roots } = target;
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
    });
    // Of the whole handshake: a socket's own timeout begins anew with every byte.
    const deadline = setTimeout(() => fail('TIMEOUT'), timeoutMs);
    socket.once('secureConnect', () => {
      clearTimeout(deadline);
      resolve(view(socket, name));
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
