import 'reflect-metadata';
import { CRLDistributionPointsExtension, X509Certificate, X509Crl } from '@peculiar/x509';
import { ProviderError } from '../../core/errors.ts';

/** Large CAs cut their lists into shards well below this. */
const MAX_BYTES = 32 * 2 ** 20;

interface Listed {
  issuer: X509Certificate;
  serials: Set<string>;
}

/**
 * Serials, lower-case hex, of those certificates that their CA has revoked, from the lists that they name (RFC 5280 5).
 * Each list is fetched once; one that is out of date or not signed by the issuer is as good as none. Certificates that
 * name no list are passed over.
 * @param chains PEM, leaf first
 */
export async function findRevoked(chains: string[], timeoutMs: number): Promise<Set<string>> {
  const revoked = new Set<string>();
  for (const [url, { issuer, serials }] of byList(chains))
    for (const serial of await readList(url, issuer, timeoutMs)) if (serials.has(serial)) revoked.add(serial);
  return revoked;
}

function byList(chains: string[]): Map<string, Listed> {
  const lists = new Map<string, Listed>();
  for (const chain of chains) {
    const [leaf, issuer] = (chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
      (pem) => new X509Certificate(pem),
    );
    const url = leaf && listOf(leaf);
    if (!url || !issuer) continue;
    const list = lists.get(url) ?? { issuer, serials: new Set() };
    list.serials.add(serialOf(leaf.serialNumber));
    lists.set(url, list);
  }
  return lists;
}

function listOf(leaf: X509Certificate): string | undefined {
  const points = leaf.getExtension(CRLDistributionPointsExtension)?.distributionPoints ?? [];
  return points
    .flatMap((point) => point.distributionPoint?.fullName ?? [])
    .find((name) => name.uniformResourceIdentifier)?.uniformResourceIdentifier;
}

async function readList(url: string, issuer: X509Certificate, timeoutMs: number): Promise<string[]> {
  const list = new X509Crl(await fetchList(url, timeoutMs));
  if (!(await list.verify({ publicKey: issuer.publicKey })))
    throw failed(`${url} is not signed by the certificates' issuer`);
  if (list.nextUpdate && list.nextUpdate.getTime() < Date.now()) throw failed(`${url} is out of date`);
  return list.entries.map(({ serialNumber }) => serialOf(serialNumber));
}

async function fetchList(url: string, timeoutMs: number): Promise<ArrayBuffer> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (!answer.ok || Number(answer.headers.get('content-length')) > MAX_BYTES)
      throw failed(`${url} answers ${answer.status}`);
    return await answer.arrayBuffer();
  } catch (cause) {
    if (cause instanceof ProviderError) throw cause;
    throw failed(`no answer to GET ${url}`, cause);
  }
}

const serialOf = (hex: string) => hex.toLowerCase().replace(/^0+/, '');

const failed = (detail: string, cause?: unknown) =>
  new ProviderError({ provider: 'acme', operation: 'findRevoked', kind: 'unavailable', detail, cause });
