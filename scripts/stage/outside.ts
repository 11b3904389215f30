import type { NewFault } from '../../sandbox/lib/faults.ts';
import type { LogEntry } from '../../sandbox/lib/log.ts';

export type System = 'powerdns' | 'proxmox' | 'registrar' | 'acme' | 'stripe' | 'mail' | 'vies';

/** The world outside as the stand-ins hold it, through the sandbox's control port. */
export function outside(controlUrl: string) {
  async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${controlUrl}/${path}`, {
      method,
      // A kept connection may be closed by the other side in the moment of its next use.
      headers: { connection: 'close' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }
  return {
    state: <T>(system: System) => ask<T>('GET', `${system}/state`),
    /** Requests whose operation matches, after entry `since`, oldest first. */
    requests: (system: System, match = '', since = 0) =>
      ask<LogEntry[]>(
        'GET',
        `${system}/requests?${new URLSearchParams({ match, since: String(since), limit: '100000' })}`,
      ),
    fault: (system: System, fault: NewFault) => ask<{ id: string }>('POST', `${system}/faults`, fault),
    faults: (system: System) => ask<unknown[]>('GET', `${system}/faults`),
    mend: (system: System) => ask<void>('DELETE', `${system}/faults`),
    act: <T>(system: System, verb: string, body: Record<string, unknown> = {}) =>
      ask<T>('POST', `${system}/act/${verb}`, body),
  };
}

export type Outside = ReturnType<typeof outside>;
