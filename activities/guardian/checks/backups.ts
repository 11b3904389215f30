import { longestGapHours } from '../../../core/backup-schedule.ts';
import { Instance, InstanceAddon, Node } from '../../../db/entities/index.ts';
import { first } from '../../../db/queries/entity.ts';
import type { SeenWeakness } from '../../../db/queries/weaknesses.ts';
import type { Deps } from '../../deps.ts';
import { guestRef } from '../../guest-spec.ts';
import { type Check, checkOf } from '../check.ts';

const HOUR_MS = 3_600_000;
/** A backup takes its time, and waits for those before it on its node. */
const GRACE_HOURS = 12;

/** Backup plans whose newest backup, as the storage lists it, is older than the plan says. */
export function backups(deps: Pick<Deps, 'em' | 'proxmox'>): Check {
  async function look(plan: InstanceAddon): Promise<SeenWeakness[]> {
    const guest = await first(deps.em(), Instance, { id: plan.instanceId, status: 'active' });
    const host = guest?.node && (await first(deps.em(), Node, { name: guest.node }));
    if (!guest || !host) return [];
    const { node, vmid } = guestRef(guest);
    const made = (await deps.proxmox.backups(node, host.backupStorage, vmid)).map(({ createdAt }) =>
      createdAt.getTime(),
    );
    const newest = made.length ? Math.max(...made) : undefined;
    const { schedule = '' } = plan.data as { schedule?: string };
    const gap = longestGapHours(schedule);
    const age = (Date.now() - (newest ?? plan.createdAt.getTime())) / HOUR_MS;
    if (age <= gap + GRACE_HOURS) return [];
    const last = newest === undefined ? null : new Date(newest).toISOString();
    return [
      {
        kind: 'backup_overdue',
        severity: last === null || age > 3 * gap ? 'high' : 'medium',
        text: `${guest.hostname} ${last ? `was last backed up on ${last.slice(0, 10)}` : 'has no backup'}, and should be at ${schedule}.`,
        evidence: { schedule, newest: last, hours: Math.floor(age), storage: host.backupStorage },
      },
    ];
  }

  return checkOf(deps, {
    name: 'backups',
    resourceType: 'addon',
    entity: InstanceAddon,
    where: { kind: 'backup', status: 'active' },
    nameOf: ({ data }) => `backup at ${String(data.schedule)}`,
    look,
  });
}
