import { AppError } from '../../../core/app-error.ts';
import type { Instance, Job } from '../../../db/entities/index.ts';
import { lockCloudPod } from '../../../db/queries/cloudpods.ts';
import type { Context } from '../../context.ts';
import { seen } from '../access.ts';
import { change } from '../change.ts';
import { requireIdle, requireState } from '../idle.ts';

export interface Acted {
  instance: Instance;
  job: Job;
}

/** Stops a guest and keeps it stopped. Said by an operator, so that no payment lifts it. */
export function suspendCloudPod(ctx: Context, id: string): Promise<Acted> {
  return change(ctx, async (tx) => {
    const instance = seen(ctx, await lockCloudPod(tx.em, ctx.scope, id));
    requireState(instance.status, ['active']);
    await requireIdle(tx, id);
    Object.assign(instance, { status: 'suspending', suspendedFor: 'operator' });
    tx.audit('cloudpod.suspend_requested', id);
    return { instance, job: tx.start({ type: 'cloudpod_suspend', targetId: id, customerId: instance.customerId }) };
  });
}

export function unsuspendCloudPod(ctx: Context, id: string): Promise<Acted> {
  return change(ctx, async (tx) => {
    const instance = seen(ctx, await lockCloudPod(tx.em, ctx.scope, id));
    requireState(instance.status, ['suspended']);
    if (instance.suspendedFor === 'cancelled')
      throw new AppError('WRONG_STATE', 'Its subscription was cancelled: take that back instead.');
    await requireIdle(tx, id);
    tx.audit('cloudpod.unsuspend_requested', id);
    return { instance, job: tx.start({ type: 'cloudpod_unsuspend', targetId: id, customerId: instance.customerId }) };
  });
}

/** Ends its billing and destroys it with its backups. Deletes only go forward: there is no undo. */
export function deleteCloudPod(ctx: Context, id: string): Promise<Job> {
  return change(ctx, async (tx) => {
    const instance = seen(ctx, await lockCloudPod(tx.em, ctx.scope, id));
    requireState(instance.status, ['active', 'suspended']);
    await requireIdle(tx, id);
    instance.status = 'deleting';
    tx.audit('cloudpod.delete_requested', id, { hostname: instance.hostname });
    return tx.start({ type: 'cloudpod_delete', targetId: id, customerId: instance.customerId });
  });
}
