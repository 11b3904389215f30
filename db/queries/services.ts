import type { EntityManager } from '@mikro-orm/postgresql';
import { EmailDomain, Instance, type Subscription } from '../entities/index.ts';
import { set } from './entity.ts';
import { startJob } from './jobs.ts';
import { lockRow } from './rows.ts';

/** Why a service stands still of itself; an operator's order has its own word, and is lifted by operators alone. */
export type Reason = 'unpaid' | 'cancelled';
type Paid = Pick<Subscription, 'tenantId' | 'customerId' | 'resourceId'>;

/** Stops what a subscription pays for and keeps it: a guest, e-mail. Nothing else can stand still. */
export async function suspendService(
  em: EntityManager,
  { tenantId, customerId, resourceId: targetId }: Paid,
  suspendedFor: Reason,
  parentJobId: string,
): Promise<void> {
  const job = { tenantId, customerId, targetId, parentJobId };
  const live = { id: targetId, status: 'active' as const };
  if (await set(em, Instance, live, { status: 'suspending', suspendedFor }))
    startJob(em, { type: 'cloudpod_suspend', ...job });
  if (await set(em, EmailDomain, live, { status: 'suspended', suspendedFor }))
    startJob(em, { type: 'email_suspend', ...job });
}

/** Starts again what stands still for this reason and no other. Answers the outbox rows to send. */
export async function wakeService(
  em: EntityManager,
  { tenantId, customerId, resourceId: targetId }: Paid,
  suspendedFor: Reason,
): Promise<string[]> {
  const job = { tenantId, customerId, targetId };
  const instance = await lockRow(em, Instance, { id: targetId });
  if (instance?.status === 'suspended' && instance.suspendedFor === suspendedFor)
    return [startJob(em, { type: 'cloudpod_unsuspend', ...job }).outboxId];
  const closed = { id: targetId, status: 'suspended' as const, suspendedFor };
  if (await set(em, EmailDomain, closed, { status: 'active', suspendedFor: null }))
    return [startJob(em, { type: 'email_unsuspend', ...job }).outboxId];
  return [];
}
