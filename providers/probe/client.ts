import { probeDns } from './dns.ts';
import type { Probe } from './port.ts';
import { probeTls } from './tls.ts';

/** @param config.timeoutMs of one look as a whole; a DNS question sent again after a third of it */
export function createProbe({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Probe {
  return {
    tls: (target) => probeTls(target, timeoutMs),
    dns: (server, name, type) => probeDns(server, name, type, timeoutMs),
  };
}
