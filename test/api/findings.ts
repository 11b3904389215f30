import type { EntityManager } from '@mikro-orm/postgresql';
import { GuardianFinding } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';

/** A port that a scan has found open; its id. */
export async function portFinding(em: EntityManager, tenantId: string, port = 6379): Promise<string> {
  const [id, resourceId] = [newId(), newId()];
  await em.insert(GuardianFinding, {
    ...{ id, tenantId, check: 'ports', kind: 'port_open', severity: 'critical', resourceType: 'cloudpod', resourceId },
    ...{ fingerprint: `port_open/${resourceId}/${port}`, subject: 'web.example', text: `It answers on port ${port}.` },
    ...{ evidence: { port }, scanId: newId() },
  });
  return id;
}
