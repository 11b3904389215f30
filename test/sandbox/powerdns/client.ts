import { start } from '../../../sandbox/powerdns/index.ts';
import { startStandIn } from '../../support/sandbox.ts';

/** A running PowerDNS with a client for its API: `call('PATCH', 'zones/x.', body)`. */
export async function startPowerDns() {
  const standIn = await startStandIn('powerdns', start);
  const { POWERDNS_URL, POWERDNS_API_KEY = '', DNS_ADDRESS = '' } = standIn.env;
  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(`${POWERDNS_URL}/api/v1/servers/localhost/${path}`, {
      method,
      headers: { 'x-api-key': POWERDNS_API_KEY, accept: 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = answer.headers.get('content-type')?.includes('json') ?? false;
    return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
  }
  return {
    ...standIn,
    call,
    dns: DNS_ADDRESS,
    patch: (zone: string, ...rrsets: object[]) => call('PATCH', `zones/${zone}`, { rrsets }),
    make: (name: string) => call('POST', 'zones', { name, kind: 'Native', nameservers: ['ns1.mpanel.test.'] }),
  };
}

/** A REPLACE of one rrset. */
export function replace(name: string, type: string, ...contents: string[]) {
  return { name, type, ttl: 300, changetype: 'REPLACE', records: contents.map((content) => ({ content })) };
}
