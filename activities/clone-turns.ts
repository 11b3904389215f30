import { NotNow, ProviderError } from '../core/errors.ts';
import { type CloneLine, leaveLines, standInLine } from '../db/queries/clone-line.ts';
import type { GuestRef, GuestSpec } from '../providers/proxmox/port.ts';
import type { Deps } from './deps.ts';

/** Well below the hour after which a place that is not asked for is nobody's. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Who makes a guest at Proxmox and who waits: clones of one template, and guests on one storage, fight for the same
 * locks, of which the template's is waited for only a second. A place in line is kept from the first wish to make the guest until it
 * was made, or until it is certain that nothing is being made: a lost answer keeps it.
 */
export function cloneTurns({ em, config }: Deps) {
  const limits = { template: config.PROXMOX_CLONES_PER_TEMPLATE, storage: config.PROXMOX_CLONES_PER_STORAGE };
  const leave = (instanceId: string) => leaveLines(em(), instanceId, limits);

  function linesOf({ node, storage }: GuestSpec, template: Pick<GuestRef, 'node' | 'vmid'> | undefined): CloneLine[] {
    const shared = config.PROXMOX_SHARED_STORAGES.includes(storage);
    const on = { name: `storage ${shared ? '' : `${node}/`}${storage}`, limit: limits.storage };
    return template ? [{ name: `template ${template.node}/${template.vmid}`, limit: limits.template }, on] : [on];
  }

  return {
    leave,

    /** Throws while it is not this guest's turn yet. */
    async take(instanceId: string, spec: GuestSpec, template?: Pick<GuestRef, 'node' | 'vmid'>): Promise<void> {
      const [line] = await standInLine(em(), instanceId, linesOf(spec, template));
      if (!line) return;
      const ms = Math.min(LONGEST_WAIT_MS, 5_000 * (line.before + 1 - line.limit));
      const reason = `${line.before} other guests come first at ${line.name}`;
      throw new NotNow(reason, ms * config.RETRY_SCALE, LONGEST_WAIT_MS * config.RETRY_SCALE);
    },

    /** Gives the place up where a failure says that nothing runs any more, and lets the failure through. */
    async failed(instanceId: string, error: unknown): Promise<never> {
      if (error instanceof ProviderError && error.kind !== 'unknown') await leave(instanceId);
      throw error;
    },
  };
}
