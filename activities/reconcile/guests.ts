import { z } from 'zod';
import type { DriftKind } from '../../core/drift.ts';
import { Refused } from '../../core/errors.ts';
import { Instance, InstanceAddon, Node } from '../../db/entities/index.ts';
import { all, first, set } from '../../db/queries/entity.ts';
import { heldVmids, inBatches } from '../../db/queries/estate.ts';
import type { GuestLine, GuestView } from '../../providers/proxmox/port.ts';
import type { StepActivities } from '../../workflows/contract.ts';
import type { Deps } from '../deps.ts';
import { guestRef } from '../guest-spec.ts';
import type { Comparer, Held, Suspect } from './comparer.ts';

/** What of an instance can be told from the outside. */
export type Wanted = Pick<Instance, 'status' | 'kind' | 'hostname' | 'node' | 'cores' | 'memoryMb'>;
/** What is seen of the guest with its VMID. `ours`: by its name and tag in the list, by its mark where it was read. */
export type Seen = Pick<GuestView, 'kind' | 'node' | 'cores' | 'memoryMb'> & {
  status: GuestLine['status'];
  lock: string | undefined;
  ours: boolean;
};

/** While one of these holds it, a guest's state is on its way to another. */
const UNSETTLED = new Set(['create', 'clone', 'migrate', 'rollback', 'suspending']);

/** How a guest differs from its row. One on a node that does not answer is not judged at all. */
export function guestDrift(want: Wanted, seen: Seen | undefined): DriftKind[] {
  if (!seen) return ['guest_missing'];
  if (seen.status === 'unknown' || UNSETTLED.has(seen.lock ?? '')) return [];
  if (!seen.ours || seen.kind !== want.kind) return ['guest_foreign'];
  const kinds: DriftKind[] = [];
  if (seen.node !== want.node) kinds.push('guest_moved');
  if (want.status === 'active' && seen.status === 'stopped') kinds.push('guest_stopped');
  if (want.status === 'suspended' && seen.status === 'running') kinds.push('guest_running');
  if (seen.cores !== want.cores || seen.memoryMb !== want.memoryMb) kinds.push('guest_resized');
  return kinds;
}

const TEXT: Partial<Record<DriftKind, string>> = {
  guest_missing: 'is nowhere in the cluster: restore it from a backup, or delete the service',
  guest_foreign: 'does not carry our mark, though its VMID is ours: it is not touched',
  guest_orphan: 'carries our mark, and nobody has it any more: remove it by hand when its data is not needed',
  guest_resized: 'has other cores or memory than its plan',
  guest_stopped: 'is stopped and should run',
  guest_running: 'runs and should be stopped',
  guest_moved: 'is on another node',
};

/** Instances that should be there and stand still. The others are being worked on. */
const SETTLED = ['active', 'suspended'] as const;

export function guestComparer(deps: Deps, steps: Pick<StepActivities, 'startGuest' | 'stopGuest'>): Comparer {
  async function* suspects(progress: { compared: number }): AsyncGenerator<Suspect> {
    const lines = new Map((await deps.proxmox.list()).map((line) => [line.vmid, line]));
    for await (const batch of inBatches(deps.em, Instance, { status: { $in: [...SETTLED] }, vmid: { $ne: null } }))
      for (const instance of batch) {
        const vmid = instance.vmid ?? 0;
        const line = lines.get(vmid);
        lines.delete(vmid);
        progress.compared++;
        const seen = line && { ...line, ours: line.tagged && line.name === instance.hostname };
        for (const kind of guestDrift(instance, seen)) yield { kind, subject: String(vmid), resourceId: instance.id };
      }
    const left = [...lines.values()].filter(({ tagged }) => tagged).map(({ vmid }) => vmid);
    const held = await heldVmids(deps.em(), left);
    for (const vmid of left)
      if (!held.has(vmid)) yield { kind: 'guest_orphan', subject: String(vmid), resourceId: null };
  }

  async function again(suspect: Suspect): Promise<Held | undefined> {
    return suspect.kind === 'guest_orphan' ? orphan(Number(suspect.subject)) : settled(suspect);
  }

  async function settled({ kind, subject, resourceId }: Suspect): Promise<Held | undefined> {
    const expected = await first(deps.em(), Instance, { id: resourceId ?? '' });
    if (!expected || String(expected.vmid) !== subject) return undefined;
    const view = await deps.proxmox.read(guestRef(expected));
    const instance = await first(deps.em(), Instance, { id: expected.id, status: { $in: [...SETTLED] } });
    if (!instance || String(instance.vmid) !== subject) return undefined;
    const seen = view && { ...view, ours: view.mark === instance.id };
    if (!guestDrift(instance, seen).includes(kind)) return undefined;
    const addons = await all(deps.em(), InstanceAddon, { instanceId: instance.id });
    return {
      ...{ kind, subject, resourceId: instance.id, tenantId: instance.tenantId },
      text: `Guest ${subject} (${instance.hostname}) ${TEXT[kind]}`,
      evidence: { wanted: shown(instance), seen: seen ? { ...shown(seen), mark: view?.mark ?? null } : null },
      touching: [instance.id, ...addons.map(({ id }) => id)],
    };
  }

  /** A guest with our mark that no row stands behind. */
  async function orphan(vmid: number): Promise<Held | undefined> {
    const ref = await deps.proxmox.locate(vmid);
    const view = ref && (await deps.proxmox.read(ref));
    if (!view?.mark || UNSETTLED.has(view.lock ?? '')) return undefined;
    const known = z.uuid().safeParse(view.mark).success;
    const owner = known ? await first(deps.em(), Instance, { id: view.mark }) : null;
    if (owner?.vmid === vmid && !['deleted', 'failed'].includes(owner.status)) return undefined;
    return {
      ...{ kind: 'guest_orphan' as const, subject: String(vmid) },
      ...{ resourceId: owner?.id ?? null, tenantId: owner?.tenantId ?? null },
      text: `Guest ${vmid} (${view.name}) ${TEXT.guest_orphan}`,
      evidence: {
        owner: owner ? { id: owner.id, status: owner.status, vmid: owner.vmid ?? null } : null,
        mark: view.mark,
      },
      touching: owner ? [owner.id] : [],
    };
  }

  return {
    system: 'proxmox',
    suspects,
    again,
    repairs: {
      guest_stopped: (ref) => steps.startGuest(ref),
      guest_running: (ref) => steps.stopGuest(ref),
      guest_moved: async (_, { resourceId, subject }) => {
        const node = (await deps.proxmox.locate(Number(subject)))?.node ?? '';
        if (!(await first(deps.em(), Node, { name: node })))
          throw new Refused(`guest ${subject} is on node ${node}, which is not known here`);
        await set(deps.em(), Instance, { id: resourceId ?? '' }, { node });
      },
    },
  };
}

function shown({ status, kind, node, cores, memoryMb }: Pick<Seen | Wanted, keyof Seen & keyof Wanted>) {
  return { status, kind, node: node ?? null, cores, memoryMb };
}
