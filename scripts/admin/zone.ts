import { domainToASCII } from 'node:url';
import { type RecordRow, recordProblem, zoneProblem } from '../../core/dns.ts';
import { DnsRecord, DnsZone } from '../../db/entities/index.ts';
import { audit } from '../../db/queries/audit.ts';
import { startJob } from '../../db/queries/jobs.ts';
import { zoneOf } from '../../db/queries/zone-records.ts';
import { newId } from '../../runtime/ids.ts';
import { type Command, type Desk, Misuse, Refusal } from './command.ts';
import { tenantOf } from './tenant.ts';

const TTL = 3600;

/** A zone of the platform's own: of generated host names, of the name servers, of reverse names. */
export const zoneAdd: Command = {
  name: 'zone add',
  synopsis: 'NAME [--a HOST=ADDRESS]… [--tenant NAME]',
  about: "A zone of the platform's own, with addresses of hosts in it; the workers bring it to the name server.",
  async run(desk, given) {
    const name = zoneName(given.arg(0));
    const records = [...given.many('a').map(hostRecord), ...mailHost(desk, name, given.many('a'))];
    check(name, records);
    const { id: tenantId } = await tenantOf(desk, given.option('tenant'));
    await desk.em.transactional(async (tx) => {
      if ((await zoneOf(tx, name))?.name === name) throw new Refusal(`the zone ${name} is served here already`);
      const zone = tx.create(DnsZone, { id: newId(), tenantId, name, status: 'active' });
      for (const record of records)
        tx.create(DnsRecord, { id: newId(), tenantId, zoneId: zone.id, managedBy: 'platform', ...record });
      const about = { resourceType: 'dns_zone', resourceId: zone.id, metadata: { name } };
      audit(tx, { tenantId, action: 'dns_zone.created', ...about });
      startJob(tx, { type: 'dns_apply', tenantId, targetId: zone.id });
    });
    return `Added the zone ${name} with ${records.length} records; the workers write it to the name server.`;
  },
};

function zoneName(text: string): string {
  const name = domainToASCII(text.replace(/\.$/, '')).toLowerCase();
  const labels = name.split('.');
  const fits =
    labels.length > 1 &&
    name.length <= 253 &&
    labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  // A reverse zone is all digits but for its end.
  if (fits && !/^[\d.]+$/.test(name)) return name;
  throw new Misuse(`'${text}' is not a zone's name like example.com`);
}

function hostRecord(text: string): RecordRow {
  const [, name = '', content = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (!name) throw new Misuse(`--a must be like ns1=203.0.113.2, not '${text}'`);
  return { type: content.includes(':') ? 'AAAA' : 'A', name, content, ttl: TTL, priority: null };
}

/** MX records name this host, so its zone has its address, unless it is given otherwise. */
function mailHost({ config }: Desk, zone: string, given: string[]): RecordRow[] {
  const host = config.MAIL_MX_HOST;
  const name = host.slice(0, -zone.length - 1);
  if (!config.MAIL_MX_ADDRESS || host !== `${name}.${zone}` || given.some((text) => text.startsWith(`${name}=`)))
    return [];
  return [hostRecord(`${name}=${config.MAIL_MX_ADDRESS}`)];
}

function check(zone: string, records: RecordRow[]): void {
  const problem = records.map((row) => recordProblem(zone, row)).find(Boolean) ?? zoneProblem(zone, records);
  if (problem) throw new Misuse(problem.replace(/\.$/, ''));
}
