import { ProviderError, Refused } from '../core/errors.ts';
import { Image, Instance, InstanceAddon } from '../db/entities/index.ts';
import { replaceVmid } from '../db/queries/capacity.ts';
import { all, get, set } from '../db/queries/entity.ts';
import type { GuestView, Upid } from '../providers/proxmox/port.ts';
import type { StepActivities } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';
import { diskTarget, guestRef, guestSpec } from './guest-spec.ts';
import { awaitTask } from './tasks.ts';

export function guestActivities(deps: Deps) {
  const guests = guestTools(deps);

  /** The task that makes the guest: the one we know of, the one whose answer was lost, or a new one. */
  async function creation(instance: Instance): Promise<Upid> {
    if (instance.task?.upid) return instance.task.upid;
    const upid = (await lostCreation(instance)) ?? (await submit(instance));
    await set(deps.em(), Instance, { id: instance.id }, { task: { upid, since: since(instance) } });
    return upid;
  }

  function lostCreation(instance: Instance): Promise<Upid | undefined> {
    const type = instance.kind === 'lxc' ? 'vzcreate' : 'qmclone';
    return deps.proxmox.findTask(guestRef(instance), type, new Date(since(instance)));
  }

  async function submit(instance: Instance): Promise<Upid> {
    const images = await all(deps.em(), Image, { name: instance.image, kind: instance.kind, enabled: true });
    const image = images.find(({ node }) => node === instance.node) ?? images[0];
    if (!image) throw new Refused(`the image ${instance.image} is not offered any more`);
    const spec = await guestSpec(deps, instance);
    if (instance.kind === 'lxc') return deps.proxmox.createContainer(image.volume ?? '', spec);
    return deps.proxmox.cloneVm({ node: image.node ?? spec.node, vmid: image.vmid ?? 0 }, spec);
  }

  /** While a guest is being made its mark is not written yet; then its task tells whose it is. */
  async function isForeign(instance: Instance, view: GuestView): Promise<boolean> {
    if (view.mark === instance.id) return false;
    if (!view.lock) return true;
    return !instance.task?.upid && (await lostCreation(instance)) === undefined;
  }

  async function giveWay(instance: Instance): Promise<never> {
    const vmid = await deps.em().transactional((tx) => replaceVmid(tx, instance.id));
    throw unclear('create', `VMID ${instance.vmid} belongs to a foreign guest; next is ${vmid ?? 'none'}`);
  }

  return {
    async ensureGuest(ref) {
      const instance = await get(deps.em(), Instance, ref.targetId);
      const view = await deps.proxmox.read(guestRef(instance));
      if (view && (await isForeign(instance, view))) return giveWay(instance);
      if (view && !view.lock) return;
      const upid = await creation(instance);
      try {
        await awaitTask(deps.proxmox, upid);
        const made = await guests.read(instance);
        if (!made || made.lock)
          throw unclear('create', `guest ${instance.vmid} is not there though its creation ended`);
      } catch (error) {
        if (!(error instanceof ProviderError && error.kind === 'unavailable')) await guests.forgetTask(instance.id);
        throw error;
      }
    },

    /** Also the undo of {@link ensureGuest}: what was never made, or is not ours, is not touched. */
    async destroyGuest(ref) {
      const instance = await get(deps.em(), Instance, ref.targetId);
      if (!instance.vmid) return;
      const making = instance.task?.upid ?? (await lostCreation(instance));
      if (making) await awaitTask(deps.proxmox, making).catch(taskMayFail);
      const view = await guests.read(instance);
      if (!view) return;
      await guests.finish(deps.proxmox.stop(view));
      await guests.finish(deps.proxmox.destroy(view, instance.id));
      if (await guests.read(instance))
        throw unclear('destroy', `guest ${instance.vmid} is still there though its removal ended`);
      await guests.forgetTask(instance.id);
    },

    /** A container is made with its configuration; a clone has its template's until now. */
    async configureGuest(ref) {
      const instance = await get(deps.em(), Instance, ref.targetId);
      if (instance.kind === 'lxc') return 'skipped';
      const view = await guests.need(instance);
      await deps.proxmox.configureVm(view, await guestSpec(deps, instance));
      await guests.finish(deps.proxmox.growDisk(view, instance.diskGb));
    },

    async startGuest(ref) {
      const instance = await get(deps.em(), Instance, ref.targetId);
      const view = await guests.need(instance);
      await deps.proxmox.setOnboot(view, true);
      await guests.finish(deps.proxmox.start(view));
      if ((await guests.need(instance)).status !== 'running')
        throw unclear('start', `guest ${instance.vmid} does not run though its start ended`);
    },

    async stopGuest(ref) {
      const instance = await get(deps.em(), Instance, ref.targetId);
      const view = await guests.need(instance);
      await deps.proxmox.setOnboot(view, false);
      await guests.finish(deps.proxmox.stop(view));
      if ((await guests.need(instance)).status !== 'stopped')
        throw unclear('stop', `guest ${instance.vmid} still runs`);
    },

    async growDisk(ref) {
      const addon = await get(deps.em(), InstanceAddon, ref.targetId);
      const instance = await get(deps.em(), Instance, addon.instanceId);
      const target = await diskTarget(deps, instance, addon.id);
      await guests.finish(deps.proxmox.growDisk(await guests.need(instance), target));
    },

    /** Makes the guest's network that of its rows: routes an address in, or out once it is released. */
    async applyAddresses(ref) {
      const addon = await get(deps.em(), InstanceAddon, ref.targetId);
      const instance = await get(deps.em(), Instance, addon.instanceId);
      const spec = await guestSpec(deps, instance);
      const routed = spec.network.extraAddresses ?? [];
      const extraAddresses = ref.phase === 'do' ? routed : routed.filter((address) => address !== addon.data.address);
      await deps.proxmox.applyNetwork(await guests.need(instance), { ...spec.network, extraAddresses });
    },
  } satisfies Partial<StepActivities>;
}

export function guestTools(deps: Deps) {
  /** The guest as Proxmox has it, if it is ours. */
  async function read(instance: Instance): Promise<GuestView | undefined> {
    const view = await deps.proxmox.read(guestRef(instance));
    return view?.mark === instance.id ? view : undefined;
  }
  return {
    read,
    async need(instance: Instance): Promise<GuestView> {
      const view = await read(instance);
      if (!view) throw unclear('read', `guest ${instance.vmid} is not there`);
      return view;
    },
    async finish(submitted: Promise<Upid | undefined>): Promise<void> {
      const upid = await submitted;
      if (upid) await awaitTask(deps.proxmox, upid);
    },
    /** What has ended is not waited for again, and not taken for the next one either. */
    async forgetTask(id: string): Promise<void> {
      await set(deps.em(), Instance, { id }, { task: { upid: null, since: new Date().toISOString() } });
    },
  };
}

/** Tasks before this moment are not the one that makes the guest now. */
function since(instance: Instance): string {
  return instance.task?.since ?? instance.createdAt.toISOString();
}

function unclear(operation: string, detail: string): ProviderError {
  return new ProviderError({ provider: 'proxmox', operation, kind: 'unknown', detail });
}

// A creation that failed leaves nothing behind, or a remnant which the reading after it shows.
function taskMayFail(error: unknown): void {
  if (error instanceof ProviderError && error.operation.startsWith('task')) return;
  throw error;
}
