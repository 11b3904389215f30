import { ProviderError, type ProviderErrorKind } from '../../core/errors.ts';
import { limitAddresses } from './anti-spoofing.ts';
import { type Api, path } from './api.ts';
import { rootDisk } from './disk.ts';
import { listGuests } from './list.ts';
import { markOf } from './mark.ts';
import type { Proxmox } from './port.ts';
import * as shapes from './shapes.ts';
import { cloneParams, containerParams, sizeParams, vmParams } from './spec.ts';
import { guestPath, readConfig, readView } from './view.ts';
import { type At, locate } from './whereabouts.ts';

type Guests = Pick<
  Proxmox,
  | 'locate'
  | 'list'
  | 'read'
  | 'cloneVm'
  | 'createContainer'
  | 'configureVm'
  | 'applyNetwork'
  | 'setPlan'
  | 'growDisk'
  | 'setOnboot'
  | 'destroy'
>;

export function guests(api: Api, at: At, pool: string | undefined): Guests {
  return {
    locate: (vmid) => locate(api, vmid),
    list: () => listGuests(api),
    read: (guest) => at(guest, (there) => readView(api, there)).catch(unlessKind('absent', undefined)),

    cloneVm: (template, spec) =>
      at({ ...template, kind: 'qemu' }, ({ node, vmid }) =>
        api('POST', path`/nodes/${node}/qemu/${vmid}/clone`, shapes.upid, cloneParams(node, spec, pool)),
      ).catch((error: unknown) => {
        if (!(error instanceof ProviderError) || error.kind !== 'absent') throw error;
        throw failed('cloneVm', 'refused', `template ${template.vmid} is gone`);
      }),

    createContainer: (template, spec) =>
      api('POST', path`/nodes/${spec.node}/lxc`, shapes.upid, containerParams(template, spec, pool)),

    configureVm: (guest, spec) =>
      at(guest, async (there) => {
        const config = await readConfig(api, there);
        if (markOf(config.description) !== spec.mark)
          throw failed('configureVm', 'conflict', `VM ${there.vmid} is not ours`);
        await api('PUT', `${guestPath(there)}/config`, shapes.nothing, vmParams(spec));
        await limitAddresses(api, there, spec.network);
      }),

    applyNetwork: (guest, network) => at(guest, (there) => limitAddresses(api, there, network)),

    setPlan: (guest, plan) =>
      at(guest, (there) => api('PUT', `${guestPath(there)}/config`, shapes.nothing, sizeParams(there.kind, plan))),

    setOnboot: (guest, onboot) =>
      at(guest, (there) => api('PUT', `${guestPath(there)}/config`, shapes.nothing, { onboot })),

    growDisk: (guest, diskGb) =>
      at(guest, async (there) => {
        const disk = rootDisk(there.kind, await readConfig(api, there));
        if (!disk) throw failed('growDisk', 'refused', `guest ${there.vmid} has no root disk`);
        if (disk.sizeGb === diskGb) return undefined;
        if (disk.sizeGb > diskGb) throw failed('growDisk', 'refused', `shrinking from ${disk.sizeGb} to ${diskGb} GiB`);
        const params = { disk: disk.key, size: `${diskGb}G` };
        return await api('PUT', `${guestPath(there)}/resize`, shapes.upid, params).catch(
          unlessKind('conflict', undefined),
        );
      }),

    // Proxmox knows no "destroy if": an id that changed hands between the look and the call would be destroyed. The look is
    // milliseconds old, and ids are not used again for days.
    destroy: (guest, mark) =>
      at(guest, async (there) => {
        const theirs = markOf((await readConfig(api, there)).description);
        if (theirs !== mark) throw failed('destroy', 'conflict', `guest ${there.vmid} has mark ${theirs}, not ${mark}`);
        return await api('DELETE', guestPath(there), shapes.upid, { purge: true, 'destroy-unreferenced-disks': true });
      }).catch(unlessKind('absent', undefined)),
  };
}

const unlessKind =
  <T>(kind: ProviderErrorKind, instead: T) =>
  (error: unknown): T => {
    if (error instanceof ProviderError && error.kind === kind) return instead;
    throw error;
  };

const failed = (operation: string, kind: ProviderErrorKind, detail: string) =>
  new ProviderError({ provider: 'proxmox', operation, kind, detail });
