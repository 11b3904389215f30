import { isIPv4, isIPv6 } from 'node:net';

/** Throws a sentence about a value that does not have the format. */
export type Format = (value: string) => void;

export function matches(pattern: RegExp, sentence: string | ((value: string) => string)): Format {
  return (value) => {
    if (!pattern.test(value)) throw new Error(typeof sentence === 'string' ? sentence : sentence(value));
  };
}

function when(holds: (value: string) => boolean, sentence: string | ((value: string) => string)): Format {
  return (value) => {
    if (!holds(value)) throw new Error(typeof sentence === 'string' ? sentence : sentence(value));
  };
}

const looksLike = (what: string) => `value does not look like a valid ${what}`;
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const dnsName = new RegExp(`^(?:${label}\\.)*${label}$`);
const email = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9][a-zA-Z0-9.-]*$/;

/** An address with a prefix of 8 bits or more. */
export function isCidr(value: string, family: 4 | 6): boolean {
  const [address = '', bits = ''] = value.split('/');
  const known = family === 4 ? isIPv4(address) : isIPv6(address);
  return known && /^\d+$/.test(bits) && Number(bits) > 7 && Number(bits) <= (family === 4 ? 32 : 128);
}

const isIp = (value: string) => isIPv4(value) || isIPv6(value);

/** The formats of PVE::JSONSchema's own, whose verdicts the golden rows hold. */
export const formats: Record<string, Format> = {
  'pve-vmid': matches(/^[1-9][0-9]{2,8}$/, looksLike('VM ID')),
  'pve-node': matches(new RegExp(`^${label}$`), looksLike('node name')),
  'pve-configid': matches(/^[a-z][a-z0-9_-]+$/i, (id) => `invalid configuration ID '${id}'`),
  'pve-storage-id': matches(/^[a-z][a-z0-9\-_.]*[a-z0-9]$/i, (id) => `storage ID '${id}' contains illegal characters`),
  'pve-bridge-id': matches(/^[-_.\w]+$/, (id) => `invalid bridge ID '${id}'`),
  'pve-iface': matches(/^[a-z][a-z0-9_]{1,20}([:.]\d+)?$/i, (id) => `invalid network interface name '${id}'`),
  'pve-tag': matches(/^[a-z0-9_][a-z0-9_\-+.]*$/i, 'invalid characters in tag'),
  'pve-task-status-type': matches(/^(ok|error|warning|unknown)$/i, (v) => `invalid status '${v}'`),
  'pve-startup-order': matches(
    /^\s*((order=)?\d+|up=\d+|down=\d+)\s*(,((order=)?\d+|up=\d+|down=\d+))*$/,
    'unable to parse startup options',
  ),
  'storage-pair': matches(/^(1|[^:]+(:[^:]+)?)$/, (v) => `entry '${v}' contains invalid ID`),
  'bridge-pair': matches(/^(1|[^:]+(:[^:]+)?)$/, (v) => `entry '${v}' contains invalid ID`),
  'dns-name': matches(dnsName, looksLike('DNS name')),
  'disk-size': matches(/^\d+(\.\d+)?[KMGT]?$/, (v) => `${looksLike('disk size')}: ${v}`),
  'mac-addr': matches(/^[a-f0-9][02468ace](:[a-f0-9]{2}){5}$/i, looksLike('unicast MAC address')),
  urlencoded: matches(/^[-%a-zA-Z0-9_.!~*'()]*$/, (v) => `invalid urlencoded string: ${v}`),
  string: () => {},
  email: matches(email, looksLike('email address')),
  'email-or-username': when(
    (v) => email.test(v) || /^[a-zA-Z0-9._-]+(@[a-z]+)?$/.test(v),
    looksLike('email address or user name'),
  ),
  ipv4: when(isIPv4, looksLike('IPv4 address')),
  ipv6: when(isIPv6, looksLike('IPv6 address')),
  ip: when(isIp, looksLike('IP address')),
  address: when(
    (v) => isIp(v) || dnsName.test(v),
    (v) => `${looksLike('address')}: ${v}`,
  ),
  CIDR: when((v) => isCidr(v, 4) || isCidr(v, 6), looksLike('CIDR network')),
  CIDRv4: when((v) => isCidr(v, 4), looksLike('IPv4 CIDR network')),
  CIDRv6: when((v) => isCidr(v, 6), looksLike('IPv6 CIDR network')),
  'pve-ipv4-config': when(
    (v) => v === 'dhcp' || v === 'manual' || isCidr(v, 4),
    looksLike('ipv4 network configuration'),
  ),
  'pve-ipv6-config': when(
    (v) => ['auto', 'dhcp', 'manual'].includes(v) || isCidr(v, 6),
    looksLike('ipv6 network configuration'),
  ),
};
