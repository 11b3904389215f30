import { ProviderError } from '../../../core/errors.ts';
import type { MissingRecord } from '../../../core/guardian.ts';
import { DnsZone } from '../../../db/entities/index.ts';
import type { SeenWeakness } from '../../../db/queries/weaknesses.ts';
import type { Deps } from '../../deps.ts';
import { type Check, checkOf, type Seen } from '../check.ts';
import { signing, undecided } from '../delegation.ts';
import { authoritative, recursive } from '../name-server.ts';

/** Who may issue certificates for a zone (RFC 8659), and whether its answers are signed, and known to be (RFC 4033). */
export function zonePolicy(deps: Pick<Deps, 'em' | 'config' | 'probe'>): Check {
  const ask = authoritative(deps);
  const askAnybody = recursive(deps);
  const { ACME_CAA } = deps.config;

  async function look({ name }: DnsZone): Promise<Seen[]> {
    if (/\.(in-addr|ip6)\.arpa$/.test(name)) return [];
    const unlimited = (await ask(name, 'CAA')).length === 0;
    const keys = await ask(name, 'DNSKEY');
    return [...(unlimited ? [noCaa(name)] : []), ...(await delegation(name, keys))];
  }

  /** What is served elsewhere: a resolver that does not answer leaves the rest to be judged. */
  async function delegation(name: string, keys: string[]): Promise<Seen[]> {
    try {
      return signing({ name, keys, signers: await askAnybody?.(name, 'DS') });
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const { message: missed } = error;
      return undecided(keys).map((kind) => ({ kind, missed }));
    }
  }

  /** One that names another CA than ours would keep us from renewing: it is only offered where ours is told. */
  function noCaa(name: string): SeenWeakness {
    const add: MissingRecord = { type: 'CAA', name: '@', content: `0 issue "${ACME_CAA}"` };
    const text = `Any CA may issue certificates for ${name}: it has no CAA record.`;
    return { kind: 'dns_no_caa', severity: 'low', text, evidence: { name, ...(ACME_CAA ? { add } : {}) } };
  }

  return checkOf(deps, {
    name: 'zone_policy',
    resourceType: 'dns_zone',
    entity: DnsZone,
    where: { status: 'active' },
    nameOf: ({ name }) => name,
    look,
  });
}
