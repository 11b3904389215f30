import { once } from 'node:events';
import { connect, createServer, type PeerCertificate } from 'node:tls';

/** A TLS handshake with a server that has this chain, by a client that trusts this root alone. Throws as OpenSSL does. */
export async function handshake(
  chain: string,
  keyPem: string,
  rootPem: string,
  servername: string,
): Promise<PeerCertificate> {
  const server = createServer({ cert: chain, key: keyPem }, (socket) => socket.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  try {
    const socket = connect({ host: '127.0.0.1', port, ca: rootPem, servername });
    await once(socket, 'secureConnect');
    const peer = socket.getPeerCertificate();
    socket.destroy();
    return peer;
  } finally {
    server.close();
  }
}
