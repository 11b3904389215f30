import { serveHttp } from '../lib/http.ts';
import type { Start } from '../lib/stand-in.ts';
import { powerDnsActs } from './acts.ts';
import { powerDnsApi } from './api.ts';
import { serveDns } from './dns/server.ts';
import { Zones } from './zones.ts';

const API_KEY = 'sandbox-powerdns-key';

/**
 * PowerDNS Authoritative 4.7: its HTTP API, and a DNS server over UDP and TCP that answers what the zones hold.
 * Unsigned answers, no zone transfers, no delegations out of a zone.
 *
 * Operations: "METHOD /api/v1/servers/localhost/…" and "DNS TYPE name.". Switch faults:
 * | name                      | operation  | what happens                                                        |
 * | applied-then-500          | PATCH zone | the change is made, the answer is 500                               |
 * | parallel-patch-duplicates | PATCH zone | PATCHes of a zone at the same time leave the rows of both           |
 * | one-rrset-refused         | PATCH zone | 422 for a PATCH that holds data {name} (with final dot)               |
 * | zone-vanishes             | any zone   | the zone is gone when the call arrives: 404                         |
 * | content-other-form        | GET zone   | contents come in another case and escaping, IPv6 addresses long     |
 * | servfail                  | DNS        | SERVFAIL                                                            |
 * | no-answer                 | DNS        | silence over UDP, the connection closed over TCP                    |
 */
export const start: Start = async (self, around) => {
  const zones = new Zones(self.store);
  const dns = await serveDns(self, zones, { host: around.host, port: await around.port('dns') });
  const api = await serveHttp(
    self,
    { host: around.host, port: await around.port('api') },
    powerDnsApi(self, zones, API_KEY),
  );
  return {
    env: {
      POWERDNS_URL: api.url,
      POWERDNS_API_KEY: API_KEY,
      DNS_ADDRESS: dns.address,
      NAMESERVERS: 'ns1.mpanel.test,ns2.mpanel.test',
    },
    urls: { 'PowerDNS API': api.url },
    state: () => zones.list().map((zone) => ({ ...zone, rrsets: zones.rrsets(zone.name) })),
    acts: powerDnsActs(zones),
    close: async () => {
      await Promise.all([api.close(), dns.close()]);
    },
  };
};
