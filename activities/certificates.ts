import { createPrivateKey, X509Certificate } from 'node:crypto';
import { ProviderError, Refused } from '../core/errors.ts';
import { Certificate } from '../db/entities/index.ts';
import { findCertificate, liveCertificates } from '../db/queries/certificates.ts';
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

  /** targetId is the certificate, or the instance that it is for. */
  async function target(ref: StepRef): Promise<Certificate> {
    const row = await findCertificate(deps.em(), ref.targetId);
    if (!row) throw new Refused('the certificate is not wanted any more');
    return row;
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
      await orders.ready(await target(ref));
    },
    /** The undo after this step's has marked the certificate failed by now. */
    async withdrawChallenge(ref) {
      const row = await findCertificate(deps.em(), ref.targetId, { evenFailed: true });
      if (row) await zones.withdraw(`acme/${row.id}`);
    },

    async issueCertificate(ref) {
      const row = await target(ref);
      if (row.chain && !row.order) return;
      const order = await orders.ready(row);
      const issued = await orders.issue(row, order, await request(row));
      await requireFresh(row, issued);
      const { chain, serial, notBefore, notAfter } = issued;
      await zones.withdraw(`acme/${row.id}`);
      await set(
        deps.em(),
        Certificate,
        { id: row.id },
        { chain, serial, notBefore, notAfter, order: null, renewAt: null, lookAt: null },
      );
    },
    /** All of them where targetId is an instance; one that has run out needs no revoking. */
    async revokeCertificate(ref) {
      const rows = await liveCertificates(deps.em(), ref.targetId);
      if (rows.length === 0) return 'skipped';
      for (const row of rows) {
        const chain = await orders.issued(row);
        if (chain && !(row.notAfter && row.notAfter < new Date())) await deps.acme.revoke(await account.open(), chain);
        await set(deps.em(), Certificate, { id: row.id }, { status: chain ? 'revoked' : 'failed' });
      }
    },

    async activateCertificate(ref) {
      await set(deps.em(), Certificate, { id: (await target(ref)).id }, { status: 'active' });
    },
  } satisfies Partial<StepActivities>;
}
