import { ProviderError } from '../core/errors.ts';
import type { Proxmox, Upid } from '../providers/proxmox/port.ts';
import { poll } from './poll.ts';

/** Longer than any clone or backup that goes well. */
const TASK_DEADLINE_MS = 55 * 60_000;

/**
 * Waits for a task's end. A lost one ends quietly as well: the caller looks at the guest in any case, since `OK` is no
 * proof of the goal either. Throws ProviderError of the kind that the task's last words tell.
 */
export async function awaitTask(proxmox: Proxmox, upid: Upid): Promise<void> {
  const status = await poll(async () => {
    const now = await proxmox.taskStatus(upid);
    return now.state === 'running' ? undefined : now;
  }, TASK_DEADLINE_MS);
  if (!status) throw taskError(upid, 'unknown', `task still runs: ${upid}`);
  if (status.state === 'failed' && status.kind !== 'conflict') throw taskError(upid, status.kind, status.exit);
}

function taskError(upid: Upid, kind: ProviderError['kind'], detail: string): ProviderError {
  return new ProviderError({ provider: 'proxmox', operation: `task ${upid.split(':')[5] ?? ''}`, kind, detail });
}
