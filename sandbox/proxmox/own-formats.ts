import { isIP, isIPv4, isIPv6 } from 'node:net';
import { type Format, matches } from './formats.ts';
import type { Property } from './schema.ts';

const text = (format: string, more: Property = {}): Property => ({ type: 'string', format, optional: 1, ...more });
const count: Property = { type: 'integer', minimum: 0, optional: 1 };
const invalid = (what: string) => (value: string) => `invalid ${what} '${value}'`;

function each(separator: RegExp, check: Format): Format {
  return (value) => {
    for (const part of value.split(separator)) check(part);
  };
}

/** One address, a network with any prefix, an address range, or an alias / `+ipset` name. */
function firewallAddress(value: string): void {
  if (/^(\+|dc\/|guest\/)?[A-Za-z][A-Za-z0-9_\-/]+$/.test(value)) return;
  const [first = '', second, rest] = value.split(/[-/]/);
  const family = isIP(first);
  const prefix = value.includes('/') ? /^\d+$/.test(second ?? '') && Number(second) <= (family === 4 ? 32 : 128) : true;
  const range = value.includes('-') ? isIP(second ?? '') === family : true;
  if (!family || rest !== undefined || !prefix || !range) throw new Error(`invalid IP address '${value}'`);
}

function port(value: string): void {
  const [low, high, rest] = value.split(':');
  const fits = (n: string | undefined) => n === undefined || (/^\d+$/.test(n) && Number(n) < 65536);
  if (/^[a-z][a-z0-9-]*$/.test(value)) return;
  if (rest !== undefined || !low || !fits(low) || !fits(high)) throw new Error(`invalid port '${value}'`);
}

/** Formats other Proxmox packages register, as property strings. */
export const ownStrings: Record<string, Record<string, Property>> = {
  'pve-qm-ipconfig': {
    ip: text('pve-ipv4-config'),
    gw: text('ipv4', { requires: 'ip' }),
    ip6: text('pve-ipv6-config'),
    gw6: text('ipv6', { requires: 'ip6' }),
  },
  'prune-backups': {
    'keep-all': { type: 'boolean', optional: 1 },
    'keep-last': count,
    'keep-hourly': count,
    'keep-daily': count,
    'keep-weekly': count,
    'keep-monthly': count,
    'keep-yearly': count,
  },
  'pve-qm-boot': {
    legacy: { type: 'string', default_key: 1, pattern: '[acdn]{1,4}', optional: 1 },
    order: { type: 'string', optional: 1 },
  },
};

/** Formats other Proxmox packages register, as sentences about one value. */
export const own: Record<string, Format> = {
  'pve-poolid': matches(
    /^[A-Za-z0-9.\-_]+(\/[A-Za-z0-9.\-_]+){0,2}$/,
    (v) => `pool name '${v}' contains invalid characters`,
  ),
  'pve-volume-id': matches(/^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i, (v) => `unable to parse volume ID '${v}'`),
  'pve-volume-id-or-qm-path': matches(
    /^(none|cdrom|\/.+|[a-z][a-z0-9\-_.]*[a-z0-9]:.+)$/i,
    (v) => `unable to parse volume ID '${v}'`,
  ),
  'pve-volume-id-or-absolute-path': matches(
    /^(\/.+|[a-z][a-z0-9\-_.]*[a-z0-9]:.+)$/i,
    (v) => `unable to parse volume ID '${v}'`,
  ),
  'pve-lxc-mp-string': matches(
    /^(?!\.\.\/)(?!.*\/\.\.?\/)(?!.*\/\.\.?$)/,
    (v) => `${v} contains illegal character sequences`,
  ),
  'pve-ct-timezone': matches(/^(UTC|host|[A-Za-z_]+\/[A-Za-z_/]+)$/, invalid('time zone')),
  'lxc-ip-with-ll-iface': (value) => {
    const [address = '', iface] = value.split('%');
    if (iface === undefined ? !isIP(address) : !isIPv6(address)) throw new Error('value is not a valid IP address');
  },
  'pve-calendar-event': matches(
    /^(minutely|hourly|daily|weekly|monthly|quarterly|yearly|semiannually|[a-z0-9.,*/: -]+)$/i,
    (v) => `unable to parse calendar event '${v}'`,
  ),
  'pve-ha-resource-id': matches(/^(ct|vm):[1-9][0-9]{2,8}$/, invalid('HA resource ID')),
  'pve-ha-resource-or-vm-id': matches(/^((ct|vm):)?[1-9][0-9]{2,8}$/, invalid('HA resource ID')),
  'pve-storage-content': matches(
    /^(images|rootdir|vztmpl|iso|backup|snippets|import|none)$/,
    (v) => `invalid content type '${v}'`,
  ),
  'pve-fw-addr-spec': each(/\s*,\s*/, firewallAddress),
  'pve-fw-dport-spec': each(/\s*,\s*/, port),
  'pve-fw-sport-spec': each(/\s*,\s*/, port),
  'pve-fw-protocol-spec': matches(/^([a-z][a-z0-9-]*|\d{1,3})$/, invalid('protocol')),
  'pve-fw-icmp-type-spec': matches(/^([a-z][a-z0-9-]*|\d{1,3}(\/\d{1,3})?)$/, invalid('icmp-type')),
  IPorCIDR: (value) => {
    const [address = '', bits = '0'] = value.split('/');
    if (!isIP(address) || !/^\d+$/.test(bits) || Number(bits) > (isIPv4(address) ? 32 : 128))
      throw new Error('value does not look like a valid IP address or CIDR network');
  },
  IPorCIDRorAlias: firewallAddress,
};
