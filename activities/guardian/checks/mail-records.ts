import type { MissingRecord, WeaknessKind } from '../../../core/guardian.ts';
import { DnsZone, EmailDomain } from '../../../db/entities/index.ts';
import { all } from '../../../db/queries/entity.ts';
import type { SeenWeakness } from '../../../db/queries/weaknesses.ts';
import { relativeName } from '../../../db/queries/zone-records.ts';
import type { Deps } from '../../deps.ts';
import { type Check, checkOf } from '../check.ts';
import { authoritative } from '../name-server.ts';

interface Wanted extends MissingRecord {
  kind: WeaknessKind;
  /** Absolute. */
  at: string;
  /** What an answer looks like that will do. */
  like: RegExp;
  called: string;
}

/** What tells receivers whose mail is genuine (RFC 7208, 6376, 7489). A name without mail is forged just as easily. */
export function mailRecords(deps: Pick<Deps, 'em' | 'config' | 'probe'>): Check {
  const ask = authoritative(deps);

  async function look(zone: DnsZone): Promise<SeenWeakness[]> {
    if (/\.(in-addr|ip6)\.arpa$/.test(zone.name)) return [];
    const served = await all(deps.em(), EmailDomain, { zoneId: zone.id, status: 'active' });
    const wanted = served.length ? served.flatMap((domain) => ofDomain(domain, zone)) : ofSilence(zone);
    const found: SeenWeakness[] = [];
    for (const one of wanted)
      if (!(await ask(one.at, 'TXT')).some((text) => one.like.test(text)))
        found.push(missing(one, served.length ? 'medium' : 'low'));
    return found;
  }

  function ofDomain({ name, dkimSelector, dkimPublicKey }: EmailDomain, zone: DnsZone): Wanted[] {
    const key: Wanted[] = dkimPublicKey
      ? [
          {
            ...{ kind: 'dns_no_dkim', called: 'DKIM', like: new RegExp(`\\bp=${escaped(dkimPublicKey)}`) },
            ...txt(`${dkimSelector}._domainkey.${name}`, zone, `v=DKIM1; k=rsa; p=${dkimPublicKey}`),
          },
        ]
      : [];
    return [...policies(name, zone, `v=spf1 mx a:${deps.config.MAIL_MX_HOST} -all`, 'v=DMARC1; p=none'), ...key];
  }

  return checkOf(deps, {
    name: 'mail_records',
    resourceType: 'dns_zone',
    entity: DnsZone,
    where: { status: 'active' },
    nameOf: ({ name }) => name,
    look,
  });
}

/** Where no mail of ours is, nobody may send in the name. */
const ofSilence = (zone: DnsZone): Wanted[] => policies(zone.name, zone, 'v=spf1 -all', 'v=DMARC1; p=reject');

function policies(name: string, zone: DnsZone, spf: string, dmarc: string): Wanted[] {
  return [
    { kind: 'dns_no_spf', called: 'SPF', like: /^v=spf1( |$)/i, ...txt(name, zone, spf) },
    { kind: 'dns_no_dmarc', called: 'DMARC', like: /^v=DMARC1 *;/i, ...txt(`_dmarc.${name}`, zone, dmarc) },
  ];
}

const txt = (at: string, zone: DnsZone, content: string) => ({
  at,
  type: 'TXT',
  name: relativeName(at, zone.name),
  content,
});

function missing({ kind, called, at, type, name, content }: Wanted, severity: SeenWeakness['severity']): SeenWeakness {
  const add: MissingRecord = { type, name, content };
  return { kind, key: at, severity, text: `${at} has no ${called} record.`, evidence: { name: at, add } };
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
