import { Refused } from '../../../core/errors.ts';
import type { Severity } from '../../../core/guardian.ts';
import { Certificate, Instance } from '../../../db/entities/index.ts';
import { addressesOf } from '../../../db/queries/capacity.ts';
import { first } from '../../../db/queries/entity.ts';
import type { SeenWeakness } from '../../../db/queries/weaknesses.ts';
import type { TlsTarget, TlsView } from '../../../providers/probe/port.ts';
import type { Deps } from '../../deps.ts';
import { type Check, checkOf } from '../check.ts';

/** Renewals begin when a third of a lifetime is left: with less than these shares of it, they do not get through. */
const SOON: readonly [share: number, severity: Severity][] = [
  [0, 'critical'],
  [0.08, 'high'],
  [0.23, 'medium'],
];
const USUAL_LIFETIME_MS = 90 * 86_400_000;
/** RFC 8996: not to be negotiated any more. */
const OLD = ['TLSv1', 'TLSv1.1'] as const;

/** Certificates as those see them who come to the address; one that no guest of ours serves, by what it says itself. */
export function certificates(deps: Pick<Deps, 'em' | 'config' | 'probe' | 'roots'>): Check {
  async function look(row: Certificate): Promise<SeenWeakness[]> {
    const server =
      row.targetId && (await first(deps.em(), Instance, { id: row.targetId, status: 'active', kind: 'qemu' }));
    if (!server) return expiry(row, row.notAfter ?? null);
    const target = await targetOf(row, server);
    const view = await deps.probe.tls(target);
    const accepted: string[] = [];
    for (const version of OLD) if (await deps.probe.accepts(target, version)) accepted.push(version);
    const evidence = { address: `${target.address}:${target.port}`, serial: view.serial, issuer: view.issuer };
    return [
      ...expiry(row, view.notAfter, evidence),
      ...trust(row, view, evidence),
      ...protocols(row, accepted, evidence),
    ];
  }

  /** The pool says which addresses are the guest's: no other is ever looked at. */
  async function targetOf({ domain }: Certificate, server: Instance): Promise<TlsTarget> {
    const own = (await addressesOf(deps.em(), server.id)).find(({ orderItemId }) => orderItemId === null);
    if (!own) throw new Refused(`${server.hostname} holds no address`);
    return { address: own.address, port: deps.config.TLS_PORT, name: domain, roots: deps.roots };
  }

  return checkOf(deps, {
    name: 'certificates',
    resourceType: 'certificate',
    entity: Certificate,
    where: { status: 'active', chain: { $ne: null } },
    nameOf: ({ domain }) => domain,
    look,
  });
}

/** @param notAfter of what is served, which need not be ours */
function expiry(row: Certificate, notAfter: Date | null, evidence = {}): SeenWeakness[] {
  if (!notAfter) return [];
  const lifetime = row.notBefore && row.notAfter ? row.notAfter.getTime() - row.notBefore.getTime() : USUAL_LIFETIME_MS;
  const left = (notAfter.getTime() - Date.now()) / lifetime;
  const [, severity] = SOON.find(([share]) => left < share) ?? [];
  if (!severity) return [];
  const ends = `${left < 0 ? 'ran out' : 'runs out'} on ${notAfter.toISOString().slice(0, 10)}`;
  return [
    {
      ...{ kind: 'certificate_expiring', severity, text: `The certificate of ${row.domain} ${ends}.` },
      evidence: { ...evidence, notAfter: notAfter.toISOString() },
    },
  ];
}

/** One that has only run out is told of as that. */
function trust({ domain }: Certificate, { trusted, error }: TlsView, evidence: object): SeenWeakness[] {
  if (trusted || error === 'CERT_HAS_EXPIRED') return [];
  const text = `${domain} shows a certificate that browsers do not trust: ${error}.`;
  return [{ kind: 'certificate_untrusted', severity: 'high', text, evidence: { ...evidence, error: error ?? null } }];
}

function protocols({ domain }: Certificate, accepted: string[], evidence: object): SeenWeakness[] {
  if (accepted.length === 0) return [];
  const text = `${domain} still speaks ${accepted.join(' and ')}.`;
  return [{ kind: 'tls_old_protocol', severity: 'medium', text, evidence: { ...evidence, accepted } }];
}
