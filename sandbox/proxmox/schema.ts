import { readFileSync } from 'node:fs';

/** A property as the PVE API describes it: the draft-02 JSON schema of PVE::JSONSchema. */
export interface Property {
  type?: string;
  optional?: number;
  /** A named format, or the sub-properties of a comma-separated property string. */
  format?: string | Record<string, Property>;
  enum?: string[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  requires?: string;
  items?: Property;
  default_key?: number;
  alias?: string;
  keyAlias?: string;
}

export interface Endpoint {
  params: Record<string, Property>;
  /** Path and privilege of the first permission check. */
  perm?: [string, string] | undefined;
}

/** How far a numbered option such as `net[n]` counts; the facts name it once. */
const HIGHEST: Record<string, number> = {
  scsi: 30,
  virtio: 15,
  sata: 5,
  ide: 3,
  mp: 255,
  dev: 255,
  unused: 255,
  numa: 7,
};
const HIGHEST_QEMU: Record<string, number> = { unused: 255, hostpci: 15, usb: 13, parallel: 2, serial: 3, virtiofs: 9 };

function expand(method: string, params: Record<string, Property>): Record<string, Property> {
  const limits = method.includes('/qemu') ? { ...HIGHEST, ...HIGHEST_QEMU } : HIGHEST;
  const numbered = ([name, property]: [string, Property]): [string, Property][] => {
    if (!name.endsWith('[n]')) return [[name, property]];
    const base = name.slice(0, -3);
    return Array.from({ length: (limits[base] ?? 31) + 1 }, (_, n) => [`${base}${n}`, property]);
  };
  return Object.fromEntries(Object.entries(params).flatMap(numbered));
}

type Facts = Record<string, { params: Record<string, Property>; perm?: [string, string] }>;

/** Numbered options written out, so that every parameter name stands for itself. */
export function expandAll(facts: Facts): Map<string, Endpoint> {
  return new Map(
    Object.entries(facts).map(([name, { params, perm }]) => [name, { params: expand(name, params), perm }]),
  );
}

function load(): Map<string, Endpoint> {
  const table = JSON.parse(readFileSync(new URL('./schema.json', import.meta.url), 'utf8')) as {
    props: Property[];
    endpoints: Record<string, { params: Record<string, number>; perm?: [string, string] }>;
  };
  const facts = Object.entries(table.endpoints).map(([name, { params, perm }]) => {
    const full = Object.entries(params).map(([key, at]) => [key, table.props[at] as Property]);
    return [name, { params: Object.fromEntries(full) as Record<string, Property>, ...(perm ? { perm } : {}) }];
  });
  return expandAll(Object.fromEntries(facts) as Facts);
}

/** "METHOD /path/{param}" to what it takes. */
export const endpoints = load();
