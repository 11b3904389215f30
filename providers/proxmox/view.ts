import { type Api, path } from './api.ts';
import { rootDisk } from './disk.ts';
import { markOf } from './mark.ts';
import type { GuestRef, GuestView } from './port.ts';
import * as shapes from './shapes.ts';

/** Path of the guest's own resources. */
export const guestPath = ({ node, kind, vmid }: GuestRef) => path`/nodes/${node}/${kind}/${vmid}`;

export const readConfig = (api: Api, guest: GuestRef) => api('GET', `${guestPath(guest)}/config`, shapes.config);

export const readCurrent = (api: Api, guest: GuestRef) =>
  api('GET', `${guestPath(guest)}/status/current`, shapes.current);

/** Config and state of a guest on its node; a change that waits for a restart shows as made. */
export async function readView(api: Api, guest: GuestRef): Promise<GuestView> {
  const [config, current] = await Promise.all([readConfig(api, guest), readCurrent(api, guest)]);
  const lock = config.lock ?? current.lock;
  return {
    ...guest,
    name: String((guest.kind === 'lxc' ? config.hostname : config.name) ?? ''),
    status: current.status,
    lock: lock === undefined ? undefined : String(lock),
    mark: markOf(config.description),
    // Without `cores` a container has all of the node's, a VM one per socket.
    cores:
      guest.kind === 'lxc'
        ? Number(config.cores ?? current.cpus ?? 0)
        : Number(config.cores ?? 1) * Number(config.sockets ?? 1),
    memoryMb: Number(String(config.memory ?? 512).replace(/^current=/, '')),
    diskGb: rootDisk(guest.kind, config)?.sizeGb ?? 0,
    onboot: Number(config.onboot ?? 0) === 1,
    config,
  };
}
