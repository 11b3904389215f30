import { ProviderError, type ProviderErrorKind } from '../../core/errors.ts';
import type { Api } from './api.ts';
import type { GuestRef } from './port.ts';
import * as shapes from './shapes.ts';

/** Does something to a guest on its node, and once more on its new node where it has moved. Kind `absent` only when it is nowhere. */
export type At = <T>(guest: GuestRef, act: (guest: GuestRef) => Promise<T>) => Promise<T>;

export async function locate(api: Api, vmid: number): Promise<GuestRef | undefined> {
  const all = await api('GET', '/cluster/resources', shapes.vms, { type: 'vm' });
  const found = all.find((guest) => guest.vmid === vmid);
  return found && { node: found.node, vmid, kind: found.type };
}

export function followingMoves(api: Api): At {
  return async (guest, act) => {
    try {
      return await act(guest);
    } catch (error) {
      if (!(error instanceof ProviderError) || !mayHaveMoved(error)) throw error;
      const now = await relocate(api, guest, error);
      return act(now).catch((again: unknown) => {
        throw again instanceof ProviderError && again.kind === 'absent'
          ? retold(again, 'busy', 'it is on the move')
          : again;
      });
    }
  };
}

// A guest that is gone can look forbidden, because rights are checked before existence and a pool's end with membership;
// and one whose node is down (595) may have been restarted elsewhere. Nothing has happened in any of these cases.
const mayHaveMoved = ({ kind, code }: ProviderError) => kind === 'absent' || code === '403' || code === '595';

async function relocate(api: Api, guest: GuestRef, cause: ProviderError): Promise<GuestRef> {
  const now = await locate(api, guest.vmid);
  if (now && (now.node !== guest.node || now.kind !== guest.kind)) return now;
  if (await idIsFree(api, guest.vmid)) throw retold(cause, 'absent', 'the cluster has no such guest');
  throw cause.kind === 'absent' ? retold(cause, 'busy', 'the cluster still lists it') : cause;
}

// The list of resources is up to 10 s old and shows what the token may see; this one is neither.
async function idIsFree(api: Api, vmid: number): Promise<boolean> {
  try {
    await api('GET', '/cluster/nextid', shapes.number, { vmid });
    return true;
  } catch (error) {
    if (error instanceof ProviderError && /already exists/.test(error.detail)) return false;
    throw error;
  }
}

function retold(cause: ProviderError, kind: ProviderErrorKind, why: string): ProviderError {
  const { provider, operation, code } = cause;
  return new ProviderError({
    provider,
    operation,
    kind,
    detail: `${cause.detail} (${why})`,
    ...(code ? { code } : {}),
    cause,
  });
}
