import { connect } from 'node:net';
import { ProviderError } from '../../core/errors.ts';

/** What says that the port is closed, rather than that nobody could ask. */
const CLOSED = new Set(['ECONNREFUSED', 'ECONNRESET']);

/** Connects and hangs up without a word. */
export function probePort({ address, port }: { address: string; port: number }, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const end = (settle: () => void) => {
      clearTimeout(deadline);
      socket.destroy();
      settle();
    };
    const deadline = setTimeout(() => end(() => resolve(false)), timeoutMs);
    socket.once('connect', () => end(() => resolve(true)));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(() => (CLOSED.has(error.code ?? '') ? resolve(false) : reject(failed(address, port, error)))),
    );
  });
}

function failed(address: string, port: number, cause: NodeJS.ErrnoException): ProviderError {
  const code = cause.code ?? cause.message;
  const detail = `no way to ${address}:${port} (${code})`;
  return new ProviderError({ provider: 'probe', operation: 'connect', kind: 'unavailable', detail, code, cause });
}
