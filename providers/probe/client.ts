import { probeDns } from './dns.ts';
import type { Probe } from './port.ts';
import { probePort } from './tcp.ts';
import { acceptsTls, probeTls } from './tls.ts';

/** Where a firewall drops what comes nothing is ever answered: that is not waited for as long as for a slow server. */
const CONNECT_MS = 2_000;

/** @param config.timeoutMs of one look as a whole; a DNS question sent again after a third of it */
export function createProbe({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Probe {
  return {
    tls: (target) => probeTls(target, timeoutMs),
    accepts: (target, version) => acceptsTls(target, version, timeoutMs),
    connects: (target) => probePort(target, Math.min(timeoutMs, CONNECT_MS)),
    dns: (server, name, type) => probeDns(server, name, type, timeoutMs),
  };
}
