import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { ProviderError } from '../core/errors.ts';
import { Certificate, Customer, Domain, Notification, Subscription } from '../db/entities/index.ts';
import { first, get, set } from '../db/queries/entity.ts';
import {
  domainsOver,
  type Expiring,
  renewableCertificates,
  renewalsThisHour,
  unreadCertificates,
  type Warning,
  warnings,
} from '../db/queries/expiry.ts';
import { startJob } from '../db/queries/jobs.ts';
import type { StepActivities, StepRef } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';
import { lookAtDomain } from './expired-domains.ts';
import { sendNotices, writeNotice } from './notices.ts';
import { listed } from './sweeps.ts';

const BATCH = 50;
/** Without a word of the CA it is asked again after this. */
const LOOK_AGAIN_MS = 6 * 3600_000;
/** Part of a certificate's life after which it is renewed where the CA has no wish, and part over which that is spread. */
const RENEW_AFTER = 2 / 3;
const SPREAD = 1 / 30;

/** What runs out: renewed in time, or told of. */
export function expiryActivities(deps: Deps) {
  return {
    /** A CA that cannot be asked does not keep a certificate from being renewed at two thirds of its life. */
    async readRenewalWindows(ref) {
      for (;;) {
        const ids = await unreadCertificates(deps.em(), ref.tenantId, BATCH);
        for (const id of ids) await read(await get(deps.em(), Certificate, id));
        if (ids.length < BATCH) return;
      }
    },

    /** Within what is left of the hour's budget; what is over it is due again at the next run. */
    async startCertificateRenewals(ref) {
      await deps.em().transactional(async (tx) => {
        const left = Math.max(0, deps.config.CERTIFICATES_PER_HOUR - (await renewalsThisHour(tx)));
        const ids = await renewableCertificates(tx, ref.tenantId, left);
        for (const targetId of ids) {
          const { tenantId, customerId } = await get(tx, Certificate, targetId);
          startJob(tx, { type: 'certificate_renew', tenantId, customerId, targetId, parentJobId: ref.jobId });
        }
        if (ids.length) listed(tx, ref, 'certificates', ids);
      });
    },

    /** The registry says what has become of a name whose time is over. */
    async lookAtExpired(ref) {
      for (;;) {
        const names = await domainsOver(deps.em(), ref.tenantId, BATCH);
        for (const id of names) await lookAtDomain(deps, await get(deps.em(), Domain, id));
        if (names.length < BATCH) return;
      }
    },

    async startWarnings(ref) {
      for (const kind of ['domain', 'certificate'] as const) while (await warn(ref, kind));
    },

    async sendNotice(ref) {
      await sendNotices(deps, [(await get(deps.em(), Notification, ref.targetId)).key]);
    },
  } satisfies Partial<StepActivities>;

  async function read(row: Certificate): Promise<void> {
    const { id, chain, notBefore, notAfter } = row;
    if (!chain || !notBefore || !notAfter) return;
    const window = await deps.acme.renewalWindow(chain).catch(whenDown);
    const life = notAfter.getTime() - notBefore.getTime();
    const begin = window?.start.getTime() ?? notBefore.getTime() + life * RENEW_AFTER;
    const end = window?.end.getTime() ?? begin + life * SPREAD;
    const renewAt = new Date(begin + (end - begin) * share(row));
    const lookAt = new Date(Date.now() + (window?.retryAfterMs ?? LOOK_AGAIN_MS));
    await set(deps.em(), Certificate, { id }, { renewAt, lookAt });
  }

  /** A batch of one kind; true while there may be more. */
  async function warn(ref: StepRef, kind: Expiring): Promise<boolean> {
    return deps.em().transactional(async (tx) => {
      const due = await warnings(tx, kind, deps.config, ref.tenantId, BATCH);
      for (const warning of due) await tell(tx, ref, kind, warning);
      if (due.length)
        listed(
          tx,
          ref,
          `${kind}_warnings`,
          due.map(({ id }) => id),
        );
      return due.length === BATCH;
    });
  }
}

/** Where in its window a certificate is renewed (RFC 9773 4.2 wants that at random): of its serial number, so that it stays. */
function share({ id, serial }: Certificate): number {
  return createHash('sha256').update(`${id}/${serial}`).digest().readUInt32BE() / 2 ** 32;
}

/** RFC 9773 4.3.3: a server that does not answer is one without a wish. */
function whenDown(error: unknown): undefined {
  if (error instanceof ProviderError) return undefined;
  throw error;
}

async function tell(
  tx: EntityManager,
  ref: StepRef,
  kind: Expiring,
  { key, name, at, ...row }: Warning,
): Promise<void> {
  const { name: customer, email: recipient, tenantId } = await get(tx, Customer, row.customer_id);
  const date = new Date(at).toISOString().slice(0, 10);
  const subject = kind === 'domain' ? `${name} expires on ${date}` : `The certificate of ${name} expires on ${date}`;
  const text = `Hello ${customer},\n\n${subject}. ${kind === 'domain' ? await outlook(tx, row.id) : 'It could not be renewed yet; we go on trying.'}\n`;
  await writeNotice(tx, { tenantId, key, recipient, subject, text });
  const { id: targetId } = await tx.findOneOrFail(Notification, { key });
  startJob(tx, { type: 'notice_send', tenantId, customerId: row.customer_id, targetId, parentJobId: ref.jobId });
}

async function outlook(tx: EntityManager, id: string): Promise<string> {
  const { autoRenew } = await get(tx, Domain, id);
  if (!autoRenew) return 'It is not renewed unless you order that.';
  const paying = await first(tx, Subscription, { resourceId: id, status: { $ne: 'cancelled' } });
  return paying ? 'It is renewed as soon as the invoice of its renewal is paid.' : 'It is renewed by itself.';
}
