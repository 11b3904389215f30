import { ProviderError } from '../../core/errors.ts';
import type { Api, Params } from './api.ts';
import type { GuestRef, Proxmox, Upid } from './port.ts';
import * as shapes from './shapes.ts';
import { guestPath, readCurrent } from './view.ts';
import type { At } from './whereabouts.ts';

export function power(api: Api, at: At): Pick<Proxmox, 'start' | 'stop'> {
  const already = async (guest: GuestRef, goal: 'running' | 'stopped') =>
    (await readCurrent(api, guest)).status === goal;

  // Looked at before, since a VM that already runs is told only by its failed task; and after a refusal, since it may have
  // got there in between.
  async function bring(guest: GuestRef, goal: 'running' | 'stopped', params: Params): Promise<Upid | undefined> {
    if (await already(guest, goal)) return undefined;
    const verb = goal === 'running' ? 'start' : 'stop';
    try {
      return await api('POST', `${guestPath(guest)}/status/${verb}`, shapes.upid, params);
    } catch (error) {
      if (error instanceof ProviderError && error.kind === 'conflict' && (await already(guest, goal))) return undefined;
      throw error;
    }
  }

  return {
    start: (guest) => at(guest, (there) => bring(there, 'running', {})),
    // A shutdown under way holds the guest's lock until its own timeout, unless it is overruled.
    stop: (guest) => at(guest, (there) => bring(there, 'stopped', { 'overrule-shutdown': true })),
  };
}
