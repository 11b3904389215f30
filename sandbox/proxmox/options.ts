import { PveError } from './error.ts';
import type { Config, Guest, Kind } from './guest.ts';
import { endpoints } from './schema.ts';
import type { Params } from './world.ts';

const STEERING = new Set(
  `node vmid ostemplate password ssh-public-keys start storage pool force restore unique bwlimit ignore-unpack-errors
   ha-managed digest delete revert archive live-restore import-working-storage skiplock background_delay`.split(/\s+/),
);

/** Of a call's parameters those that become lines of the guest's config. */
export function configOf(params: Params): Config {
  const options: Config = {};
  for (const [key, value] of Object.entries(params)) {
    if (STEERING.has(key) || typeof value !== 'string') continue;
    options[key] = key === 'tags' ? tidyTags(value) : value;
  }
  return options;
}

/** PVE keeps tags once each, in order, separated by semicolons. */
function tidyTags(value: string): string {
  return [...new Set(value.split(/[,;\s]+/).filter(Boolean))].sort().join(';');
}

const NUMERIC = new Set(['integer', 'boolean', 'number']);

/** A config as JSON: numbers where the schema has numbers, secrets masked. */
export function showConfig(kind: Kind, config: Config): Record<string, string | number> {
  const properties = endpoints.get(`PUT /nodes/{node}/${kind}/{vmid}/config`)?.params ?? {};
  const shown = Object.entries(config).map(([key, value]) => {
    if (key === 'cipassword') return [key, '**********'];
    // A container's description is read back line by line and ends with a newline.
    if (key === 'description' && kind === 'lxc') return [key, `${value}\n`];
    return [key, NUMERIC.has(properties[key]?.type ?? '') ? Number(value) : value];
  });
  return Object.fromEntries(shown) as Record<string, string | number>;
}

/** Megabytes of memory, cores and the like that the guest has, running or by its config. */
export function shape(guest: Guest): { memory: number; cpus: number; swap: number } {
  const config = guest.running?.config ?? guest.config;
  const memory = Number((config.memory ?? '512').replace('current=', ''));
  const cpus = Number(config.cores ?? 1) * Number(config.sockets ?? 1);
  return { memory, cpus, swap: Number(config.swap ?? 0) };
}

const PUBLIC_KEY =
  /^(.*\s)?(sk-)?(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp\d+)(@openssh\.com)?\s+[A-Za-z0-9+/]+=*(\s.*)?$/;

/** Refuses what only root may set, and public keys that are none. */
export function assertAllowed(kind: Kind, options: Config, keys = decodeURIComponent(options.sshkeys ?? '')): void {
  for (const key of ['lock', 'args']) if (key in options) throw new PveError(`only root can set '${key}' config`);
  const features =
    kind === 'lxc' ? (options.features ?? '').split(',').filter((f) => f && !f.startsWith('nesting=')) : [];
  if (features.length) throw onlyRoot('changing feature flags (except nesting) is');
  if (Object.entries(options).some(([key, value]) => /^mp\d+$/.test(key) && value.startsWith('/')))
    throw onlyRoot('mount point type bind is');
  for (const line of keys.split('\n'))
    if (line.trim() && !PUBLIC_KEY.test(line.trim())) throw new PveError('SSH public key validation error');
}

const onlyRoot = (what: string) => new PveError(`Permission check failed (${what} only allowed for root@pam)`, 403);
