import { checkHosts, createHost, infoHost, updateHost } from './commands/host.ts';
import { answered, type Connection, failure } from './connection.ts';
import { find, findAll, textOf } from './xml.ts';

export interface Host {
  name: string;
  addresses: string[];
}

const BATCH = 50;

/** Makes the host objects that a delegation needs; one of ours that has other addresses gets these. */
export async function ensureHosts(epp: Connection, hosts: readonly Host[]): Promise<void> {
  for (let at = 0; at < hosts.length; at += BATCH) {
    const some = hosts.slice(at, at + BATCH);
    const missing = await missingOf(epp, some);
    for (const host of some) await (missing.has(host.name.toLowerCase()) ? make(epp, host) : makeEqual(epp, host));
  }
}

function missingOf(epp: Connection, hosts: readonly Host[]): Promise<Set<string>> {
  const check = checkHosts(hosts.map((host) => host.name));
  return epp.query('ensureHosts', check, ({ data }) => {
    const names = findAll(data, 'cd').map((cd) => find(cd, 'name'));
    return new Set(
      names
        .filter((name) => ['1', 'true'].includes(name?.attributes.avail ?? ''))
        .map((name) => name!.text.toLowerCase()),
    );
  });
}

async function make(epp: Connection, host: Host): Promise<void> {
  try {
    await epp.execute('ensureHosts', createHost(host.name, host.addresses), () => {});
  } catch (error) {
    // Its domain is not registered where the host would have to be: no retry changes that.
    if (answered(error, 2303)) throw failure('ensureHosts', 'refused', error.detail, error, error.code);
    // Somebody was faster; a host object serves everybody's delegations.
    if (!answered(error, 2302)) throw error;
    await makeEqual(epp, host);
  }
}

async function makeEqual(epp: Connection, { name, addresses }: Host): Promise<void> {
  if (addresses.length === 0) return;
  const held = await epp.query('ensureHosts', infoHost(name), ({ data }) => ({
    addresses: findAll(data, 'addr').map((addr) => addr.text),
    sponsor: textOf(data, 'clID'),
  }));
  const added = addresses.filter((address) => !held.addresses.includes(address));
  const removed = held.addresses.filter((address) => !addresses.includes(address));
  if (added.length + removed.length === 0) return;
  if (held.sponsor !== epp.user) throw failure('ensureHosts', 'conflict', `host ${name} has another sponsor`);
  await epp.execute('ensureHosts', updateHost(name, added, removed), () => {});
}
