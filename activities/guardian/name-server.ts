import { ProviderError, Refused } from '../../core/errors.ts';
import type { ProbedType } from '../../providers/probe/port.ts';
import type { Deps } from '../deps.ts';

export type Ask = (name: string, type: ProbedType) => Promise<string[]>;

/** Questions to the server that speaks for our zones. Throws ProviderError where it does not answer. */
export function authoritative({ config, probe }: Pick<Deps, 'config' | 'probe'>): Ask {
  return (name, type) => {
    if (!config.DNS_ADDRESS) throw new Refused('DNS_ADDRESS is not set: no name server can be asked');
    return probe.dns(serverAt(config.DNS_ADDRESS), name, type);
  };
}

/** Questions about what is served elsewhere; undefined where nobody is named who could be asked. */
export function recursive({ config, probe }: Pick<Deps, 'config' | 'probe'>): Ask | undefined {
  const { GUARDIAN_RESOLVER } = config;
  return GUARDIAN_RESOLVER === undefined
    ? undefined
    : (name, type) => probe.dns(serverAt(GUARDIAN_RESOLVER), name, type);
}

/** Whether anything is at a name; undefined where nobody who may be asked knows. */
export function existence(deps: Pick<Deps, 'config' | 'probe'>) {
  const ours = authoritative(deps);
  const elsewhere = recursive(deps);

  return async (name: string): Promise<boolean | undefined> => {
    const here = await anything(ours, name).catch(refusedOnly);
    return here ?? (elsewhere && anything(elsewhere, name));
  };
}

/** A name may be there for a text alone: a key of DKIM, a challenge. */
async function anything(ask: Ask, name: string): Promise<boolean> {
  for (const type of ['A', 'AAAA', 'TXT', 'MX'] as const) if ((await ask(name, type)).length > 0) return true;
  return false;
}

/** REFUSED: the name lies in no zone of this server's. */
function refusedOnly(error: unknown): undefined {
  if (!(error instanceof ProviderError && error.code === 'REFUSED')) throw error;
}

function serverAt(address: string): { address: string; port: number } {
  const at = address.lastIndexOf(':');
  return { address: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}
