import { createPrivateKey, X509Certificate } from 'node:crypto';
import { ProviderError, Refused } from '../core/errors.ts';
import { Certificate } from '../db/entities/index.ts';
import { findCertificate, LIVE, liveCertificates } from '../db/queries/certificates.ts';
import { set } from '../db/queries/entity.ts';
import { keepSecret, openSecret } from '../db/queries/secrets.ts';
import type { Certificate as Issued } from '../providers/acme/port.ts';
import type { StepActivities, StepRef } from '../workflows/contract.ts';
import { acmeAccount } from './acme-account.ts';
import { acmeOrder, WANTED } from './acme-order.ts';
import type { Deps } from './deps.ts';
import { zoneWriter } from './zone-writer.ts';

export function certificateActivities(deps: Deps) {
  const zones = zoneWriter(deps);
  const account = acmeAccount(deps);
  const orders = acmeOrder(deps, account);

  /**
   * targetId is the certificate, or the instance that it is for. One that was deleted while its job went on is not wanted
   * any more: what was ordered is undone, and to be renewed there is nothing (undefined).
   */
  async function target(ref: StepRef): Promise<Certificate | undefined> {
    const row = await findCertificate(deps.em(), ref.targetId);
    if (row && LIVE.includes(row.status)) return row;
    await abandon(row ?? (await findCertificate(deps.em(), ref.targetId, { evenFailed: true })));
    if (ref.type === 'certificate_renew') return undefined;
    throw new Refused('the certificate is not wanted any more');
  }

  /** Whoever deleted it could not know of what was under way: it must not stay valid. */
  async function abandon(row: Certificate | null): Promise<void> {
    if (!row?.order?.url) return;
    const chain = await orders.issued(row);
    if (chain) await deps.acme.revoke(await account.open(), chain);
    await zones.withdraw(`acme/${row.id}`);
    await set(deps.em(), Certificate, { id: row.id }, { order: null });
  }

  /** Key and signing request are made once, so that every attempt finalizes with the same. */
  async function request(row: Certificate): Promise<string> {
    if (row.csr) return row.csr;
    const made = await deps.pki.createRequest([row.domain]);
    await deps.em().transactional(async (tx) => {
      const keySecretId = keepSecret(tx, deps.seal, row.tenantId, 'certificate key', made.keyPem);
      await tx.flush();
      await set(tx, Certificate, { id: row.id }, { csr: made.csrPem, keySecretId });
    });
    return made.csrPem;
  }

  /** A CA may hand out an order of earlier that is valid already: its certificate is the one to be renewed, or for another key. */
  async function requireFresh({ id, serial }: Certificate, issued: Issued): Promise<void> {
    const { keySecretId } = (await findCertificate(deps.em(), id))!;
    const key = createPrivateKey(await openSecret(deps.em(), deps.seal, keySecretId!));
    if (issued.serial !== serial && new X509Certificate(issued.chain).checkPrivateKey(key)) return;
    await set(deps.em(), Certificate, { id }, { order: WANTED });
    const detail = 'the CA answered with a certificate of earlier; a new order is made';
    throw new ProviderError({ provider: 'acme', operation: 'issue', kind: 'unknown', detail });
  }

  return {
    async holdCertificate(ref) {
      await target(ref);
    },
    async failCertificate(ref) {
      await set(deps.em(), Certificate, { id: ref.targetId, status: 'pending' }, { status: 'failed' });
    },

    async authorizeCertificate(ref) {
      const row = await target(ref);
      if (!row) return 'skipped';
      // A job that is begun anew has it already.
      if (row.issuedBy === ref.jobId && !row.order) return;
      await orders.ready(row);
    },
    /** The undo after this step's has marked the certificate failed by now. */
    async withdrawChallenge(ref) {
      const row = await findCertificate(deps.em(), ref.targetId, { evenFailed: true });
      if (row) await zones.withdraw(`acme/${row.id}`);
    },

    async issueCertificate(ref) {
      const row = await target(ref);
      if (!row) return 'skipped';
      if (row.chain && !row.order) return;
      const order = await orders.ready(row);
      const issued = await orders.issue(row, order, await request(row));
      await requireFresh(row, issued);
      const { chain, serial, notBefore, notAfter } = issued;
      await zones.withdraw(`acme/${row.id}`);
      const kept = await set(
        deps.em(),
        Certificate,
        { id: row.id, status: { $in: LIVE } },
        { chain, serial, notBefore, notAfter, issuedBy: ref.jobId, order: null, renewAt: null, lookAt: null },
      );
      if (!kept && !(await target(ref))) return 'skipped';
    },
    /** All of them where targetId is an instance; one that has run out needs no revoking. */
    async revokeCertificate(ref) {
      let rows = await liveCertificates(deps.em(), ref.targetId);
      if (rows.length === 0) return 'skipped';
      for (; rows.length > 0; rows = await liveCertificates(deps.em(), ref.targetId))
        for (const row of rows) {
          const issued = await orders.issued(row);
          // Both the one that is served and one that was to replace it; what has run out needs no revoking.
          const served = row.notAfter && row.notAfter < new Date() ? null : row.chain;
          for (const chain of new Set([served, issued === row.chain ? served : issued]))
            if (chain) await deps.acme.revoke(await account.open(), chain);
          // One that was renewed meanwhile is looked at again.
          const same = { id: row.id, serial: row.serial ?? null };
          await set(deps.em(), Certificate, same, { status: issued ? 'revoked' : 'failed' });
        }
    },

    async activateCertificate(ref) {
      const row = await target(ref);
      if (!row) return 'skipped';
      await set(deps.em(), Certificate, { id: row.id, status: { $in: LIVE } }, { status: 'active' });
    },
  } satisfies Partial<StepActivities>;
}
