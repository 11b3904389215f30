import { checkServerIdentity, connect } from 'node:tls';
import { DemoFailure } from '../failure.ts';

const TIMEOUT_MS = 5000;

export interface Handshake {
  protocol: string;
  /** Common name of the chain's last certificate. */
  root: string;
  validTo: Date;
}

/**
 * One TLS handshake with whatever listens at the address, as a browser that goes to `name` and trusts these roots.
 * Throws DemoFailure when the chain leads elsewhere or the name is another.
 */
export function shakeHands(at: { address: string; port: number; name: string; roots?: string }): Promise<Handshake> {
  const { address, port, name, roots } = at;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port,
      servername: name,
      checkServerIdentity,
      ...(roots ? { ca: roots } : {}),
    });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`silent for ${TIMEOUT_MS / 1000} s`)));
    socket.once('secureConnect', () => {
      let last = socket.getPeerCertificate(true);
      const { valid_to: validTo } = last;
      while (last.issuerCertificate && last.issuerCertificate !== last) last = last.issuerCertificate;
      resolve({ protocol: socket.getProtocol() ?? '', root: String(last.issuer.CN), validTo: new Date(validTo) });
      socket.destroy();
    });
    socket.once('error', (error) =>
      reject(new DemoFailure(`no handshake as ${name} with ${address}:${port}: ${error.message}`)),
    );
  });
}
