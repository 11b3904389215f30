import { Refused } from '../../core/errors.ts';
import type { RemedyPlan } from '../../core/guardian.ts';
import {
  ApiKey,
  Certificate,
  DnsRecord,
  DnsZone,
  GuardianFinding,
  type GuardianRemediation,
  Instance,
  Job,
} from '../../db/entities/index.ts';
import { audit } from '../../db/queries/audit.ts';
import { first, get, insertOnce, remove } from '../../db/queries/entity.ts';
import { hasLiveJobOf, startJob } from '../../db/queries/jobs.ts';
import { lockRow } from '../../db/queries/rows.ts';
import { recordsOf } from '../../db/queries/zone-records.ts';
import type { StepRef } from '../../workflows/contract.ts';
import type { Deps } from '../deps.ts';
import { guestRef } from '../guest-spec.ts';
import { zoneWriter } from '../zone-writer.ts';

/** Seconds. */
const TTL = 300;

type Act<R extends RemedyPlan['remedy']> = (
  plan: Extract<RemedyPlan, { remedy: R }>,
  row: GuardianRemediation,
  ref: StepRef,
) => Promise<void>;

/** What mends a weakness; each may be run any number of times and leads to the same. Throws Refused where it cannot be. */
export function remedies(deps: Deps): { [R in RemedyPlan['remedy']]: Act<R> } {
  const zones = zoneWriter(deps);

  return {
    /** A job of its own, shown below this one; one that is under way for another reason does as well. */
    async renew_certificate({ certificateId }, _, ref) {
      const { jobId: parentJobId, tenantId } = ref;
      const certificate = await first(deps.em(), Certificate, { id: certificateId, status: 'active' });
      if (!certificate) throw new Refused('the certificate is not in use any more');
      const { customerId } = certificate;
      await deps.em().transactional(async (tx) => {
        if (await first(tx, Job, { parentJobId, type: 'certificate_renew' })) return;
        if (await hasLiveJobOf(tx, 'certificate_renew', certificateId)) return;
        startJob(tx, { type: 'certificate_renew', tenantId, customerId, targetId: certificateId, parentJobId });
      });
    },

    /** The customer's own from now on: what Guardian adds may be edited like any other record. */
    async add_record({ zoneId, recordId: id, record }) {
      const zone = await first(deps.em(), DnsZone, { id: zoneId, status: 'active' });
      if (!zone) throw new Refused('the zone is not served any more');
      const { tenantId } = zone;
      const there = await recordsOf(deps.em(), zoneId, [record]);
      if (!there.some(({ content }) => content === record.content))
        await insertOnce(deps.em(), DnsRecord, { id, tenantId, zoneId, ttl: TTL, priority: null, ...record }, ['id']);
      await zones.converge(zone);
    },

    async close_port({ instanceId, port }, { id }) {
      const guest = await first(deps.em(), Instance, { id: instanceId, status: 'active' });
      if (!guest) throw new Refused('the guest is not there any more');
      await deps.proxmox.closePort(guestRef(guest), port, { mark: guest.id, note: `guardian ${id}` });
    },

    /** From the next request on. A key that somebody uses after all is not what was found, and what hangs on it would stop. */
    async revoke_key({ apiKeyId }, { id: remediationId, findingId }) {
      await deps.em().transactional(async (tx) => {
        const key = await lockRow(tx, ApiKey, { id: apiKeyId });
        if (!key) return;
        const { evidence } = await get(tx, GuardianFinding, findingId);
        if ((key.lastUsedAt?.toISOString() ?? null) !== evidence.lastUsedAt)
          throw new Refused('the key was used after this was found');
        const { tenantId, userId, name } = key;
        const resource = { resourceType: 'api_key', resourceId: apiKeyId };
        audit(tx, { tenantId, action: 'api_key.revoked', ...resource, metadata: { name, userId, remediationId } });
        await remove(tx, ApiKey, { id: apiKeyId });
      });
    },
  };
}
