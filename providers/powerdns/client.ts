import { z } from 'zod';
import { absoluteName } from '../../core/dns.ts';
import { ProviderError } from '../../core/errors.ts';
import { type PowerDnsConfig, powerDnsApi } from './api.ts';
import type { PowerDns, Rrset } from './port.ts';
import { same } from './same.ts';

const zoneShape = z.object({
  rrsets: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      ttl: z.number(),
      records: z.array(z.object({ content: z.string(), disabled: z.boolean() })),
    }),
  ),
});
const zoneList = z.array(z.object({ name: z.string(), serial: z.number() }));
const ignored = z.unknown();
/** Seconds; what PowerDNS itself gives the NS records of a new zone. */
const NS_TTL = 3600;

export function createPowerDns(config: PowerDnsConfig): PowerDns {
  const api = powerDnsApi(config);

  async function readZone(zone: string): Promise<Rrset[] | undefined> {
    try {
      return rrsetsIn(await api('GET', zonePath(zone), zoneShape));
    } catch (error) {
      if (isKind(error, 'absent')) return undefined;
      throw error;
    }
  }

  async function replaceRrsets(zone: string, rrsets: Rrset[]): Promise<void> {
    // Every PATCH raises the zone's serial, one of nothing too.
    if (rrsets.length === 0) return;
    const patch = () => api('PATCH', zonePath(zone), ignored, { rrsets: rrsets.map(change) });
    try {
      await patch();
    } catch (error) {
      if (!isKind(error, 'unknown')) throw error;
      const now = await readZone(zone).catch(() => {
        throw error;
      });
      if (!now || !rrsets.every((rrset) => isWritten(rrset, now))) await patch();
    }
  }

  return {
    // What it would say of DNSSEC costs the server a query per zone.
    zones: async () =>
      (await api('GET', '/zones?dnssec=false', zoneList)).map(({ name, serial }) => ({
        name: name.toLowerCase().replace(/\.$/, ''),
        serial,
      })),
    readZone,
    replaceRrsets,
    same,

    async ensureZone(zone, nameservers) {
      const name = absoluteName(zone, '@');
      const hosts = nameservers.map((host) => (host.endsWith('.') ? host : `${host}.`));
      try {
        await api('POST', '/zones', ignored, { name, kind: 'Native', nameservers: hosts, soa_edit_api: 'DEFAULT' });
      } catch (error) {
        if (!isKind(error, 'conflict')) throw error;
        const wanted: Rrset = { name, type: 'NS', ttl: NS_TTL, contents: hosts };
        if (!(await readZone(zone))?.some((rrset) => same(rrset, wanted))) await replaceRrsets(zone, [wanted]);
      }
    },

    async deleteZone(zone) {
      try {
        await api('DELETE', zonePath(zone), ignored);
      } catch (error) {
        if (!isKind(error, 'absent')) throw error;
      }
    },
  };
}

const isKind = (error: unknown, kind: string) => error instanceof ProviderError && error.kind === kind;

/** In a zone's id every byte outside letters, digits, dot, dash and underscore is =XX: the slash of RFC 2317 names. */
export function zonePath(zone: string): string {
  const escaped = (char: string) => `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  return `/zones/${absoluteName(zone, '@').replace(/[^a-z0-9._-]/g, escaped)}`;
}

const rrsetsIn = ({ rrsets }: z.infer<typeof zoneShape>): Rrset[] =>
  rrsets
    .map(({ name, type, ttl, records }) => {
      const contents = records.filter(({ disabled }) => !disabled).map(({ content }) => content);
      return { name: name.toLowerCase(), type, ttl, contents };
    })
    .filter(({ type, contents }) => type !== 'SOA' && contents.length > 0);

const change = ({ name, type, ttl, contents }: Rrset) =>
  contents.length === 0
    ? { name, type, changetype: 'DELETE' }
    : { name, type, ttl, changetype: 'REPLACE', records: contents.map((content) => ({ content, disabled: false })) };

function isWritten(wanted: Rrset, zone: Rrset[]): boolean {
  const now = zone.find(({ name, type }) => name === wanted.name.toLowerCase() && type === wanted.type);
  return now ? same(now, wanted) && now.ttl === wanted.ttl : wanted.contents.length === 0;
}
