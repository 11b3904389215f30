import { ProviderError, Refused } from '../core/errors.ts';
import { Image, Instance, InstanceAddon } from '../db/entities/index.ts';
import { replaceVmid } from '../db/queries/capacity.ts';
import { all, get, set } from '../db/queries/entity.ts';
import type { GuestView, Upid } from '../providers/proxmox/port.ts';
import type { StepActivities } from '../workflows/contract.ts';
import { cloneTurns } from './clone-turns.ts';
import type { Deps } from './deps.ts';
import { diskTarget, guestRef, guestSpec } from './guest-spec.ts';
import { poll } from './poll.ts';
import { awaitTask } from './tasks.ts';

const MAKING = new Set(['create', 'clone']);
const MAKING_MS = 10 * 60_000;

export function guestActivities(deps: Deps) {
  const guests = guestTools(deps);
  const turns = cloneTurns(deps);

  /**
   * The guest once nobody is making it any more: while one is being cloned or created its config is locked and bears no
   * mark yet, so that nobody can tell whose it is. Undefined when there is none.
   */
  async function made(instance: Instance): Promise<GuestView | undefined> {
    if (instance.task?.upid) await awaitTask(deps.proxmox, instance.task.upid).catch(taskMayFail);
    const settled = await poll(async () => {
      const view = await deps.proxmox.read(guestRef(instance));
      return MAKING.has(view?.lock ?? '') ? undefined : { view };
    }, MAKING_MS);
    if (!settled)
      throw unclear('read', `guest ${instance.vmid} has been locked for its creation for long: is a task of it left?`);
    return settled.view;
  }

  /** Once it is this guest's turn. */
  async function submit(instance: Instance): Promise<Upid> {
    const images = await all(deps.em(), Image, { name: instance.image, kind: instance.kind, enabled: true });
    const image = images.find(({ node }) => node === instance.node) ?? images[0];
    if (!image) throw new Refused(`the image ${instance.image} is not offered any more`);
    const spec = await guestSpec(deps, instance);
    if (instance.kind === 'lxc') {
      await turns.take(instance.id, spec);
      return deps.proxmox.createContainer(image.volume ?? '', spec);
    }
    const template = { node: image.node ?? spec.node, vmid: image.vmid ?? 0 };
    await turns.take(instance.id, spec, template);
    return deps.proxmox.cloneVm(template, spec);
  }

  async function giveWay(instance: Instance): Promise<never> {
    const vmid = await deps.em().transactional((tx) => replaceVmid(tx, instance.id));
    throw unclear('create', `VMID ${instance.vmid} belongs to a foreign guest; next is ${vmid ?? 'none'}`);
  }

  async function destroyed(instance: Instance): Promise<void> {
    const view = await made(instance);
    if (view?.mark !== instance.id) return;
    await guests.finish(deps.proxmox.stop(view));
    await guests.finish(deps.proxmox.destroy(view, instance.id));
    if (await guests.read(instance))
      throw unclear('destroy', `guest ${instance.vmid} is still there though its removal ended`);
  }

  /** Proxmox ends a task OK also where nothing grew: the disk is looked at. */
  async function grown(instance: Instance, view: GuestView, diskGb: number): Promise<void> {
    const growing = await deps.proxmox.growDisk(view, diskGb);
    if (!growing) return;
    await guests.finish(Promise.resolve(growing));
    const { diskGb: now } = await guests.need(instance);
    if (now < diskGb)
      throw unclear(
        'growDisk',
        `the disk of guest ${instance.vmid} has ${now} GiB though growing it to ${diskGb} ended`,
      );
  }

  return {
    /** Looks before it makes one: a lost answer may have left it there, whole or half-made. */
    async ensureGuest(ref) {
      const instance = await get(deps.em(), Instance, ref.targetId);
      const there = await made(instance);
      if (there && there.mark !== instance.id) return giveWay(instance);
      if (there && !there.lock) return;
      const failed = (error: unknown) => turns.failed(instance.id, error);
      const upid = await submit(instance).catch(failed);
      await set(deps.em(), Instance, { id: instance.id }, { task: { upid } });
      await awaitTask(deps.proxmox, upid).catch((error) =>
        isTaskError(error) ? failed(error) : Promise.reject(error),
      );
      const guest = await guests.need(instance);
      if (guest.lock)
        throw unclear('create', `guest ${instance.vmid} is locked (${guest.lock}) though its creation ended`);
    },

    /** Also the undo of {@link ensureGuest}: what was never made, or is not ours, is not touched. */
    async destroyGuest(ref) {
      const instance = await get(deps.em(), Instance, ref.targetId);
      if (instance.vmid) await destroyed(instance);
      await turns.leave(instance.id);
    },

    /** A clone has its template's configuration until now. Either kind may use its own addresses only. */
    async configureGuest(ref) {
      const instance = await get(deps.em(), Instance, ref.targetId);
      await turns.leave(instance.id);
      const view = await guests.need(instance);
      const spec = await guestSpec(deps, instance);
      if (instance.kind === 'lxc') return deps.proxmox.applyNetwork(view, spec.network);
      await deps.proxmox.configureVm(view, spec);
      await grown(instance, view, instance.diskGb);
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
      await grown(instance, await guests.need(instance), target);
    },

    /** Makes the guest's network that of its rows. */
    async applyAddresses(ref) {
      const addon = await get(deps.em(), InstanceAddon, ref.targetId);
      const instance = await get(deps.em(), Instance, addon.instanceId);
      const { network } = await guestSpec(deps, instance);
      await deps.proxmox.applyNetwork(await guests.need(instance), network);
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
      const view = await deps.proxmox.read(guestRef(instance));
      if (view?.mark === instance.id) return view;
      if (view?.lock) throw unclear('read', `guest ${instance.vmid} is locked (${view.lock}): is a task of it left?`);
      throw unclear('read', `guest ${instance.vmid} is ${view ? 'a foreign one' : 'not there'}`);
    },
    async finish(submitted: Promise<Upid | undefined>): Promise<void> {
      const upid = await submitted;
      if (upid) await awaitTask(deps.proxmox, upid);
    },
  };
}

export function unclear(operation: string, detail: string): ProviderError {
  return new ProviderError({ provider: 'proxmox', operation, kind: 'unknown', detail });
}

// A creation that failed leaves nothing behind, or a remnant which the reading after it shows.
function taskMayFail(error: unknown): void {
  if (!isTaskError(error)) throw error;
}

const isTaskError = (error: unknown) => error instanceof ProviderError && error.operation.startsWith('task');
