import { ProviderError, Refused } from '../core/errors.ts';
import { Certificate } from '../db/entities/index.ts';
import { set } from '../db/queries/entity.ts';
import { relativeName, zoneOf } from '../db/queries/zone-records.ts';
import type { AcmeAuthorization, AcmeOrder, Certificate as Issued } from '../providers/acme/port.ts';
import type { AccountAtCa } from './acme-account.ts';
import type { Deps } from './deps.ts';
import { poll } from './poll.ts';
import { zoneWriter } from './zone-writer.ts';

const VISIBLE_MS = 60_000;
const VALIDATE_MS = 5 * 60_000;
const ISSUE_MS = 5 * 60_000;
const CHALLENGE_TTL = 60;
/** What was ordered came to nothing, and is still to be had. */
export const WANTED = { url: null };

/** One ACME order, resumable at every point: what the row knows is asked for first, what has ended is begun again. */
export function acmeOrder(deps: Deps, { open: account, forget }: AccountAtCa) {
  const zones = zoneWriter(deps);

  async function open(row: Certificate): Promise<AcmeOrder> {
    try {
      return await current(row);
    } catch (error) {
      if (!isStranger(error)) throw error;
      await forget();
      throw unclear('newOrder', 'the CA does not know our account any more, and is told again');
    }
  }

  async function current(row: Certificate): Promise<AcmeOrder> {
    const known = row.order?.url ? await deps.acme.order(await account(), row.order.url) : undefined;
    if (known && known.status !== 'invalid') return known;
    const order = await deps.acme.newOrder(
      await account(),
      [row.domain],
      row.status === 'active' ? (row.chain ?? undefined) : undefined,
    );
    await set(deps.em(), Certificate, { id: row.id }, { order: { url: order.url } });
    return order;
  }

  /** Puts the values where the CA looks, beside what others have there, and waits until our own server shows them. */
  async function publish(row: Certificate, values: string[]): Promise<void> {
    const name = `_acme-challenge.${row.domain}`;
    const zone = await zoneOf(deps.em(), row.domain);
    if (!zone) throw new Refused(`${row.domain} lies in no zone that is served here`);
    const record = (content: string) => ({
      type: 'TXT',
      name: relativeName(name, zone.name),
      content,
      ttl: CHALLENGE_TTL,
    });
    await zones.want(zone, `acme/${row.id}`, values.map(record));
    await untilVisible(name, values);
  }

  async function untilVisible(name: string, values: string[]): Promise<void> {
    const server = deps.config.DNS_ADDRESS;
    if (!server) return;
    const at = server.lastIndexOf(':');
    const target = { address: server.slice(0, at), port: Number(server.slice(at + 1)) };
    const seen = await poll(async () => {
      const shown = await deps.probe.dns(target, name, 'TXT');
      return values.every((value) => shown.includes(value)) || undefined;
    }, VISIBLE_MS);
    if (!seen) throw unclear('authorize', `${server} does not show the challenge at ${name} yet`);
  }

  async function authorize(row: Certificate, order: AcmeOrder): Promise<void> {
    const who = await account();
    const all = await Promise.all(order.authorizations.map((url) => deps.acme.authorization(who, url)));
    const open = all.filter((authorization) => authorization.status === 'pending');
    if (open.length === 0) return;
    await publish(
      row,
      open.map(challenge).map(({ txt }) => txt),
    );
    for (const authorization of open) await deps.acme.challengeReady(who, challenge(authorization).url);
  }

  async function settled(row: Certificate, url: string): Promise<AcmeOrder> {
    const order = await poll(async () => {
      const now = await deps.acme.order(await account(), url);
      return now?.status === 'pending' ? undefined : (now ?? 'gone');
    }, VALIDATE_MS);
    if (order === undefined) throw unclear('authorize', 'the CA has not looked at the challenge yet');
    if (order !== 'gone' && order.status !== 'invalid') return order;
    const why = order === 'gone' ? 'the order is gone' : await reason(order);
    await set(deps.em(), Certificate, { id: row.id }, { order: WANTED });
    throw unclear('authorize', `the CA did not validate ${row.domain}: ${why}`);
  }

  /** The CA says why at the challenge, not at the order. */
  async function reason(order: AcmeOrder): Promise<string> {
    const who = await account();
    const all = await Promise.all(order.authorizations.map((url) => deps.acme.authorization(who, url)));
    return all.map(({ dns01 }) => dns01?.error).find(Boolean) ?? order.error ?? 'no reason given';
  }

  return {
    /** An order of this certificate that is authorized: ready, processing or valid. */
    async ready(row: Certificate): Promise<AcmeOrder> {
      const order = await open(row);
      if (order.status !== 'pending') return order;
      await authorize(row, order);
      return settled(row, order.url);
    },

    /** Finalizes where that is still to do, waits, downloads. */
    async issue(row: Certificate, order: AcmeOrder, csr: string): Promise<Issued> {
      const who = await account();
      if (order.status === 'ready') await deps.acme.finalize(who, order, csr);
      const done = await poll(async () => {
        const now = await deps.acme.order(who, order.url);
        return now && now.status !== 'processing' && now.status !== 'ready' ? now : undefined;
      }, ISSUE_MS);
      if (!done) throw unclear('issue', 'the CA is still processing the order');
      if (done.status === 'valid' && done.certificate) return deps.acme.certificate(who, done.certificate);
      await set(deps.em(), Certificate, { id: row.id }, { order: WANTED });
      throw unclear('issue', `the CA did not issue: ${done.error ?? done.status}`);
    },

    /** The chain of a certificate that was issued, whether we came to store it or not. */
    async issued(row: Certificate): Promise<string | null> {
      if (!row.order?.url) return row.chain ?? null;
      const who = await account();
      const order = await deps.acme.order(who, row.order.url);
      if (order?.status === 'processing') throw unclear('revoke', 'the CA is still processing the order');
      if (order?.status !== 'valid' || !order.certificate) return row.chain ?? null;
      return (await deps.acme.certificate(who, order.certificate)).chain;
    },
  };
}

function challenge(authorization: AcmeAuthorization) {
  if (!authorization.dns01) throw new Refused(`the CA offers no dns-01 challenge for ${authorization.identifier}`);
  return authorization.dns01;
}

/** RFC 8555 6.2: the account of the request's signature is none of the server's. */
const isStranger = (error: unknown) =>
  error instanceof ProviderError && error.code === 'urn:ietf:params:acme:error:accountDoesNotExist';

function unclear(operation: string, detail: string): ProviderError {
  return new ProviderError({ provider: 'acme', operation, kind: 'unknown', detail });
}
